#include "worker/ftp/dispatch.h"

#include "worker/ftp/commands.h"
#include "worker/ftp/directory.h"
#include "worker/ftp/listing_argument.h"
#include "worker/ftp/mask.h"
#include "worker/ftp/reply.h"
#include "worker/session_activity.h"
#include "worker/transcript.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* A browser, or a page that makes one send FTP commands inside of a request, is shown the door
 * before it gets to them. */
static bool is_http(const char *verb, size_t length)
{
	static const char *const verbs[] = {
		"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PATCH"};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (strlen(verbs[i]) == length && strncasecmp(verb, verbs[i], length) == 0)
			return true;
	}
	return false;
}

static bool has_control_bytes(const char *line, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (iscntrl((unsigned char)line[i]) && line[i] != '\t')
			return true;
	}
	return false;
}

/* A password is nobody's business: not on the board, not in a log, not in memory when it was used.
 */
static bool is_secret(const struct command *command)
{
	return strcmp(command->verb, "PASS") == 0 || strcmp(command->verb, "ACCT") == 0;
}

/* The argument begins behind one blank and is taken as it is, for a name (or a password) may end in
 * blanks; what is no name loses them. */
static const char *find_argument(char *line, size_t verb_length, size_t length, bool is_name)
{
	size_t end = length;

	if (!is_name) {
		while (end > verb_length && isspace((unsigned char)line[end - 1]))
			end--;
		line[end] = '\0';
	}
	if (verb_length >= end)
		return "";
	return line + verb_length + 1 + (is_name ? 0 : strspn(line + verb_length + 1, " "));
}

static bool ends_in_name(const struct command *command)
{
	return command->takes != TAKES_NOTHING && command->takes != TAKES_TEXT &&
	       command->takes != TAKES_TEXT_OR_NOT;
}

static bool may_be_empty(const struct command *command)
{
	return command->takes == TAKES_TEXT_OR_NOT || command->takes == TAKES_LISTING ||
	       command->takes == TAKES_PATH_OR_NOT;
}

static bool takes_path(const struct command *command)
{
	return command->takes == TAKES_PATH || command->takes == TAKES_PATH_OR_NOT;
}

/* For who looks on: what the argument of a listing means without its options. */
static void find_listed(const struct ftp *ftp, struct command_call *call)
{
	struct listing_argument wish;

	listing_argument_read(&wish, call->argument);
	if (wish.path[0] == '\0' ||
		directory_resolve(ftp, &call->path, wish.path, strlen(wish.path)) < 0)
		directory_current(ftp, &call->path);
}

/* A reply code if the argument does not fit what the row says; else 0, and the path is resolved. */
static int check_argument(struct ftp *ftp, const struct command *command, struct command_call *call)
{
	bool given = call->argument[0] != '\0';
	struct vpath directory;
	int error;

	if (command->takes == TAKES_NOTHING)
		return given ? 501 : 0;
	if (!given && !may_be_empty(command))
		return 501;
	if (command->takes == TAKES_LISTING)
		find_listed(ftp, call);
	if (!takes_path(command))
		return 0;
	directory_current(ftp, &directory);
	call->path = directory;
	if (!given)
		return 0;
	error = vpath_resolve(&call->path, &directory, call->argument, strlen(call->argument));
	return error == -ENAMETOOLONG ? 553 : error < 0 ? 501 : 0;
}

/* What holds for the very next command is over when another one comes, refused or not. */
static void forget_what_was_begun(struct ftp *ftp, uint32_t rules)
{
	if (!(rules & KEEPS_RESTART)) {
		ftp->restart = 0;
		ftp->restarting = false;
		ftp->range_first = 0;
		ftp->range_last = -1;
	}
	if (!(rules & KEEPS_RENAME)) {
		free(ftp->rename_from);
		ftp->rename_from = NULL;
	}
}

static int refuse_argument(struct ftp *ftp, const struct command *command, int code)
{
	if (code == 553)
		return reply(ftp, 553, "The name is too long");
	return reply(ftp, 501, "%s: the form is %s", command->verb, command->syntax);
}

static const char *shown(const struct command *command, const struct command_call *call)
{
	if (takes_path(command) || command->takes == TAKES_LISTING)
		return call->path.text;
	return is_secret(command) ? NULL : call->argument;
}

/* Storage may stand still, and must hold up nobody but who asked for it: the thread steps out. */
static int run_command(
	struct ftp *ftp, const struct command *command, const struct command_call *call)
{
	struct gang *gang = ftp->session->engine->gang;
	int error;

	if (!ends_in_name(command) && !(command->rules & ON_DISK))
		return command->run(ftp, call);
	gang_leave(gang);
	error = command->run(ftp, call);
	gang_rejoin(gang);
	return error;
}

/* The time for a login begins with the connection, or when somebody is logged in no more; no NOOP
 * begins it again. */
static void note_end(struct ftp *ftp, bool was_logged_in)
{
	int64_t since = atomic_load(&ftp->session->idle_since_ms);

	session_idle(ftp->session);
	if (!was_logged_in && !ftp->store)
		atomic_store(&ftp->session->idle_since_ms, since);
}

static int run(struct ftp *ftp, const struct command *command, struct command_call *call)
{
	bool logged_in = ftp->store != NULL;
	int error, code;

	if (!logged_in && !(command->rules & BEFORE_LOGIN))
		return reply(ftp, 530, "Log in first, with USER and PASS");
	code = check_argument(ftp, command, call);
	if (code) {
		forget_what_was_begun(ftp, command->rules);
		return refuse_argument(ftp, command, code);
	}
	session_command(ftp->session, command->verb, shown(command, call));
	error = run_command(ftp, command, call);
	forget_what_was_begun(ftp, command->rules);
	note_end(ftp, logged_in);
	if (error == 0 && command->rules & CLOSES)
		error = -ESHUTDOWN;
	return error;
}

static int refuse_verb(struct ftp *ftp, const char *verb, size_t length)
{
	int error = length == 0 ? reply(ftp, 500, "No command; HELP lists all there are")
				: reply(ftp, 500, "%.*s: unknown command; HELP lists all there are",
					  (int)(length < 20 ? length : 20), verb);

	return error < 0 || !is_http(verb, length) ? error : -ECONNABORTED;
}

static void note_line(const struct ftp *ftp, const char *line, size_t length)
{
	char masked[MASKED];

	transcript_note(ftp->session, FROM_CLIENT, masked, mask_command(masked, line, length));
}

int dispatch_line(struct ftp *ftp, char *line, size_t length)
{
	size_t verb_length = strcspn(line, " \t");
	const struct command *command = command_find(line, verb_length);
	struct command_call call;
	int error;

	note_line(ftp, line, length);
	if (!command || has_control_bytes(line, length))
		forget_what_was_begun(ftp, command ? command->rules : 0);
	if (has_control_bytes(line, length))
		return reply(ftp, command ? 501 : 500, "A command holds no control bytes");
	if (!command)
		return refuse_verb(ftp, line, verb_length);
	call.argument = find_argument(
		line, verb_length, length, ends_in_name(command) || is_secret(command));
	error = run(ftp, command, &call);
	if (is_secret(command))
		explicit_bzero(line, length);
	return error;
}
