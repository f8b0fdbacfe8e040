#include "worker/ftp/info.h"

#include "worker/ftp/data.h"
#include "worker/ftp/facts.h"
#include "worker/ftp/list.h"
#include "worker/ftp/reply.h"
#include "worker/ftp/secure.h"
#include "worker/ftp/site.h"
#include "worker/store_change.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

int info_syst(struct ftp *ftp, const struct command_call *call)
{
	(void)call;
	return reply(ftp, 215, "UNIX Type: L8");
}

int info_noop(struct ftp *ftp, const struct command_call *call)
{
	(void)call;
	return reply(ftp, 200, "Here");
}

int info_clnt(struct ftp *ftp, const struct command_call *call)
{
	(void)call;
	return reply(ftp, 200, "Noted");
}

int info_csid(struct ftp *ftp, const struct command_call *call)
{
	(void)call;
	return reply(ftp, 200, "Name=ftpool;Version=%s;CaseSensitive=1;DirSep=/;", FTPOOL_VERSION);
}

/* A transfer that runs is ended while it runs (transfer.c) and leaves ABOR to this (RFC 959 4.1.3).
 */
int info_abor(struct ftp *ftp, const struct command_call *call)
{
	(void)call;
	return reply(ftp, 226, "No transfer is running");
}

int info_not_here(struct ftp *ftp, const struct command_call *call)
{
	(void)call;
	return reply(ftp, 502, "That command is not done here");
}

int info_avbl(struct ftp *ftp, const struct command_call *call)
{
	int64_t room = store_free_bytes(ftp->store, &call->path);

	if (room < 0)
		return reply_error(ftp, call->argument[0] ? call->argument : "AVBL", (int)room);
	return reply(ftp, 213, "%jd", (intmax_t)room);
}

/* ---- FEAT (RFC 2389 3) ---- */

static int tell_hashes(struct ftp *ftp)
{
	char line[200] = "HASH ";
	size_t used = strlen(line);

	for (int kind = 0; kind < SUM_KINDS; kind++)
		used += (size_t)snprintf(line + used, sizeof(line) - used, "%s%s%s",
			kind ? ";" : "", sum_name((enum sum_kind)kind),
			(enum sum_kind)kind == ftp->hash ? "*" : "");
	return reply_between(ftp, "%s", line);
}

static bool is_about_tls(const char *feature)
{
	return strcmp(feature, "AUTH TLS") == 0 || strcmp(feature, "CCC") == 0 ||
	       strcmp(feature, "PBSZ") == 0 || strcmp(feature, "PROT") == 0;
}

/* Those whose line is not the same for every session. */
static int tell_feature(struct ftp *ftp, const char *feature)
{
	char facts[FACTS_TEXT];

	if (is_about_tls(feature) && !secure_is_offered(ftp))
		return 0;
	if (strcmp(feature, "EPRT") == 0 && !ftp->session->engine->config->ftp_active)
		return 0;
	if (strcmp(feature, "MLST") == 0)
		return reply_between(ftp, "MLST %s", facts_names(facts, ftp->facts, true));
	if (strcmp(feature, "HASH") == 0)
		return tell_hashes(ftp);
	return reply_between(ftp, "%s", feature);
}

int info_feat(struct ftp *ftp, const struct command_call *call)
{
	static const char *const of_no_command[] = {"SITE COPY", "SITE MKDIR", "SITE RMDIR",
		"SITE SYMLINK", "SITE UTIME", "TVFS", "UTF8"};
	int error = reply_first(ftp, 211, "Features:");

	(void)call;
	for (size_t i = 0; i < command_count && error == 0; i++) {
		if (commands[i].feature[0] != '\0')
			error = tell_feature(ftp, commands[i].feature);
	}
	for (size_t i = 0; i < sizeof(of_no_command) / sizeof(of_no_command[0]) && error == 0; i++)
		error = reply_between(ftp, "%s", of_no_command[i]);
	return error < 0 ? error : reply(ftp, 211, "End");
}

/* ---- HELP ---- */

static int list_verbs(struct ftp *ftp)
{
	enum { A_LINE = 8 };
	char line[100];
	int error = reply_first(ftp, 214, "HELP and one of these tells its form:");

	for (size_t i = 0; i < command_count && error == 0; i += A_LINE) {
		size_t used = 0;

		for (size_t j = i; j < i + A_LINE && j < command_count; j++)
			used += (size_t)snprintf(
				line + used, sizeof(line) - used, "%-9s", commands[j].verb);
		error = reply_between(ftp, "%s", line);
	}
	return error < 0 ? error : reply(ftp, 214, "End of help");
}

int info_help(struct ftp *ftp, const struct command_call *call)
{
	const struct command *command = command_find(call->argument, strlen(call->argument));

	if (call->argument[0] == '\0')
		return list_verbs(ftp);
	if (strcasecmp(call->argument, "SITE") == 0)
		return site_help(ftp, "");
	if (!command)
		return reply(ftp, 501, "No such command; HELP lists all there are");
	return reply(ftp, 214, "%s (%s)", command->syntax, command->source);
}

/* ---- STAT ---- */

static const char *data_state(const struct ftp *ftp)
{
	if (ftp->data.offered)
		return "a passive connection is awaited";
	return data_is_agreed(ftp) ? "will connect to you" : "none";
}

int info_stat(struct ftp *ftp, const struct command_call *call)
{
	bool of_path = call->argument[strspn(call->argument, " ")] != '\0';
	char peer[ADDRESS_TEXT];
	int error;

	if (of_path && ftp->store)
		return list_stat(ftp, call);
	if (of_path)
		return reply(ftp, 530, "Log in first, with USER and PASS");
	error = reply_first(ftp, 211, "ftpool %s:", FTPOOL_VERSION);
	if (error == 0)
		error = reply_between(ftp, "Connected from %s",
			address_format_host(&ftp->session->activity.peer, peer));
	if (error == 0)
		error = reply_between(ftp, "%s%s", ftp->store ? "Logged in as " : "Not logged in",
			ftp->store ? ftp->session->activity.user : "");
	if (error == 0)
		error = secure_tell(ftp);
	if (error == 0)
		error = reply_between(ftp, "TYPE %s, MODE %c, STRU F",
			ftp->type == TYPE_ASCII ? "ASCII" : "image",
			ftp->mode == MODE_ZLIB ? 'Z' : 'S');
	if (error == 0)
		error = reply_between(ftp, "Data connection: %s", data_state(ftp));
	return error < 0 ? error : reply(ftp, 211, "End of status");
}
