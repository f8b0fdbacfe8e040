#include "worker/ftp/site.h"

#include "common/rights.h"
#include "worker/ftp/argument.h"
#include "worker/ftp/control.h"
#include "worker/ftp/directory.h"
#include "worker/ftp/errand.h"
#include "worker/ftp/files.h"
#include "worker/ftp/reply.h"
#include "worker/ftp/site_who.h"
#include "worker/store_change.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { IDLE_SHORTEST_SECONDS = 10 };

static int site_chmod(struct ftp *ftp, const char *text)
{
	uint32_t mode;
	const char *name;
	struct vpath path;
	int error;

	if (argument_mode_path(&mode, &name, text) < 0)
		return reply(ftp, 501, "SITE CHMOD takes octal permissions and a path");
	if (mode > 0777)
		return reply(ftp, 501, "Set-ID and sticky bits are not set here");
	error = directory_resolve(ftp, &path, name, strlen(name));
	if (error == 0)
		error = store_set_mode(ftp->store, &path, mode);
	if (error < 0)
		return reply_error(ftp, name, error);
	files_log_change(ftp, "CHMOD", &path);
	return reply(ftp, 200, "%s: permissions are %04o", name, mode);
}

static int site_utime(struct ftp *ftp, const char *text)
{
	int64_t mtime;
	const char *name;
	size_t length;
	char subject[CONTROL_LINE];
	struct vpath path;
	int error;

	if (argument_utime(&mtime, &name, &length, text) < 0)
		return reply(ftp, 501,
			"SITE UTIME takes YYYYMMDDHHMM[SS] and a path, or a path, "
			"three times and UTC");
	snprintf(subject, sizeof(subject), "%.*s", (int)length, name);
	error = directory_resolve(ftp, &path, name, length);
	if (error == 0)
		error = store_set_mtime(ftp->store, &path, mtime);
	if (error < 0)
		return reply_error(ftp, subject, error);
	return reply(ftp, 200, "%s: time is set", subject);
}

static int site_mkdir(struct ftp *ftp, const char *text)
{
	struct vpath path;
	int error = directory_resolve(ftp, &path, text, strlen(text));

	if (error == 0)
		error = store_make_directories(ftp->store, &path);
	if (error < 0)
		return reply_error(ftp, text, error);
	files_log_change(ftp, "MKDIR", &path);
	return reply(ftp, 200, "%s: is there, with all above it", text);
}

static int site_rmdir(struct ftp *ftp, const char *text)
{
	struct errand errand;
	struct vpath path;
	int error = directory_resolve(ftp, &path, text, strlen(text));

	errand_begin(&errand, ftp);
	if (error == 0)
		error = store_remove_tree(ftp->store, &path, errand_is_given_up, &errand);
	errand_end(&errand);
	if (error < 0)
		return errand_refuse(&errand, text, error);
	files_log_change(ftp, "RMDIR", &path);
	return reply(ftp, 200, "%s: removed, with all that was in it", text);
}

static int site_cpfr(struct ftp *ftp, const char *text)
{
	struct store_file file;
	struct vpath path;
	int error = directory_resolve(ftp, &path, text, strlen(text));

	if (error == 0)
		error = store_look_for(ftp->store, &path, RIGHT_get, &file);
	if (error == 0 && file.directory)
		error = -EISDIR;
	free(ftp->copy_from);
	ftp->copy_from = error == 0 ? strdup(path.text) : NULL;
	if (error == 0 && !ftp->copy_from)
		error = -ENOMEM;
	if (error < 0)
		return reply_error(ftp, text, error);
	return reply(ftp, 350, "Ready for SITE CPTO");
}

static int copy(struct ftp *ftp, const char *text, struct errand *errand)
{
	struct vpath from, to;
	int error = vpath_resolve(&from, NULL, ftp->copy_from, strlen(ftp->copy_from));

	if (error == 0)
		error = directory_resolve(ftp, &to, text, strlen(text));
	if (error == 0)
		ftp->session->path = to.text;
	if (error == 0)
		error = store_copy(ftp->store, &from, &to, errand_is_given_up, errand,
			&ftp->session->row->bytes_done, ftp->session);
	ftp->session->path = NULL;
	if (error == 0)
		files_log_change(ftp, "CPTO", &to);
	return error;
}

static int site_cpto(struct ftp *ftp, const char *text)
{
	struct errand errand;
	int error;

	if (!ftp->copy_from)
		return reply(ftp, 503, "SITE CPFR comes before SITE CPTO");
	errand_begin(&errand, ftp);
	error = copy(ftp, text, &errand);
	errand_end(&errand);
	free(ftp->copy_from);
	ftp->copy_from = NULL;
	if (error < 0)
		return errand_refuse(&errand, text, error);
	return reply(ftp, 250, "%s: copied", text);
}

/* "TARGET NAME": a blank of the target's own cannot be told apart, so the last one counts. */
static int site_symlink(struct ftp *ftp, const char *text)
{
	const char *blank = strrchr(text, ' ');
	struct vpath path;
	int error;

	if (!blank || blank == text || blank[1] == '\0')
		return reply(ftp, 501, "SITE SYMLINK takes a path that is there and a new one");
	error = directory_resolve(ftp, &path, blank + 1, strlen(blank + 1));
	if (error == 0) {
		struct vpath target;

		error = directory_resolve(ftp, &target, text, (size_t)(blank - text));
		if (error == 0)
			error = store_make_link(ftp->store, target.text, target.length, &path);
	}
	if (error < 0)
		return reply_error(ftp, blank + 1, error);
	files_log_change(ftp, "SYMLINK", &path);
	return reply(ftp, 200, "%s: points to %.*s", blank + 1, (int)(blank - text), text);
}

static int site_idle(struct ftp *ftp, const char *text)
{
	int64_t longest = ftp->session->engine->config->idle_timeout_seconds;
	uint32_t now = atomic_load(&ftp->session->idle_timeout_seconds);
	int64_t wanted;

	if (text[0] == '\0')
		return reply(ftp, 200, "A session may idle for %jd seconds",
			now ? (intmax_t)now : (intmax_t)longest);
	if (argument_number(&wanted, text) < 0)
		return reply(ftp, 501, "SITE IDLE takes seconds");
	if (wanted > longest || (wanted < IDLE_SHORTEST_SECONDS && wanted < longest))
		return reply(ftp, 501, "From %d to %jd seconds are right", IDLE_SHORTEST_SECONDS,
			(intmax_t)longest);
	atomic_store(&ftp->session->idle_timeout_seconds, (uint32_t)wanted);
	return reply(ftp, 200, "This session may idle for %jd seconds", (intmax_t)wanted);
}

struct row {
	const char *verb;
	int (*run)(struct ftp *ftp, const char *text);
	bool needs_text;
	const char *syntax;
};

static const struct row rows[] = {
	{"CHMOD", site_chmod, true, "CHMOD <sp> mode <sp> path"},
	{"CPFR", site_cpfr, true, "CPFR <sp> path"},
	{"CPTO", site_cpto, true, "CPTO <sp> path"},
	{"HELP", site_help, false, "HELP"},
	{"IDLE", site_idle, false, "IDLE [<sp> seconds]"},
	{"MKDIR", site_mkdir, true, "MKDIR <sp> path"},
	{"RMDIR", site_rmdir, true, "RMDIR <sp> path"},
	{"SYMLINK", site_symlink, true, "SYMLINK <sp> path <sp> new path"},
	{"UTIME", site_utime, true, "UTIME <sp> YYYYMMDDHHMM[SS] <sp> path"},
	{"WHO", site_who, false, "WHO"},
};

enum { ROWS = sizeof(rows) / sizeof(rows[0]) };

int site_help(struct ftp *ftp, const char *text)
{
	int error = reply_first(ftp, 214, "SITE knows:");

	(void)text;
	for (size_t i = 0; i < ROWS && error == 0; i++)
		error = reply_between(ftp, "SITE %s", rows[i].syntax);
	return error < 0 ? error : reply(ftp, 214, "End of help");
}

int site_site(struct ftp *ftp, const struct command_call *call)
{
	size_t length = strcspn(call->argument, " ");
	const char *text = call->argument + length + (call->argument[length] == ' ');

	for (size_t i = 0; i < ROWS; i++) {
		if (strlen(rows[i].verb) != length ||
			strncasecmp(call->argument, rows[i].verb, length) != 0)
			continue;
		if (rows[i].needs_text && text[0] == '\0')
			return reply(ftp, 501, "The form is SITE %s", rows[i].syntax);
		return rows[i].run(ftp, text);
	}
	return reply(ftp, 500, "SITE: unknown; SITE HELP lists all there are");
}
