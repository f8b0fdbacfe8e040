#include "worker/ftp/files.h"

#include "common/log.h"
#include "common/rights.h"
#include "worker/ftp/directory.h"
#include "worker/ftp/reply.h"
#include "worker/session_activity.h"
#include "worker/store_change.h"
#include "worker/store_refusal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void files_log_change(const struct ftp *ftp, const char *verb, const struct vpath *path)
{
	const struct session *session = ftp->session;
	const char *user = session->activity.user;
	char name[SESSION_NAME], peer[ADDRESS_TEXT], quoted[LOG_QUOTED], quoted_user[LOG_QUOTED];

	log_info("ftp: changed", "session=%s peer=%s user=%s verb=%s path=%s",
		session_name(session, name), address_format(&session->activity.peer, peer),
		log_quote(quoted_user, user, strlen(user)), verb,
		log_quote(quoted, path->text, path->length));
}

/* RFC 959, appendix II: the path in quotes, and quotes in it doubled. */
static int reply_quoted(struct ftp *ftp, const struct vpath *path, const char *what)
{
	char quoted[2 * VPATH_LONGEST + 1];
	size_t used = 0;

	for (size_t i = 0; i < path->length; i++) {
		if (path->text[i] == '"')
			quoted[used++] = '"';
		quoted[used++] = path->text[i];
	}
	quoted[used] = '\0';
	return reply(ftp, 257, "\"%s\" %s", quoted, what);
}

static int change_to(struct ftp *ftp, const struct vpath *path, const char *subject)
{
	int error = store_enter(ftp->store, path);

	if (error == 0)
		error = directory_change(ftp, path);
	if (error < 0)
		return reply_error(ftp, subject, error);
	return reply(ftp, 250, "Directory changed to %s", path->text);
}

/* Without a path: where a login begins, as in a shell. */
int files_cwd(struct ftp *ftp, const struct command_call *call)
{
	struct vpath root;

	if (call->argument[0] != '\0')
		return change_to(ftp, &call->path, call->argument);
	vpath_root(&root);
	return change_to(ftp, &root, root.text);
}

int files_cdup(struct ftp *ftp, const struct command_call *call)
{
	struct vpath directory;

	(void)call;
	directory_current(ftp, &directory);
	vpath_parent(&directory, &directory);
	return change_to(ftp, &directory, directory.text);
}

int files_pwd(struct ftp *ftp, const struct command_call *call)
{
	struct vpath directory;

	(void)call;
	directory_current(ftp, &directory);
	return reply_quoted(ftp, &directory, "is the current directory");
}

int files_mkd(struct ftp *ftp, const struct command_call *call)
{
	int error = store_make_directory(ftp->store, &call->path);

	if (error < 0)
		return reply_error(ftp, call->argument, error);
	files_log_change(ftp, "MKD", &call->path);
	return reply_quoted(ftp, &call->path, "created");
}

int files_rmd(struct ftp *ftp, const struct command_call *call)
{
	int error = store_remove_directory(ftp->store, &call->path);

	if (error < 0)
		return reply_error(ftp, call->argument, error);
	files_log_change(ftp, "RMD", &call->path);
	return reply(ftp, 250, "%s: removed", call->argument);
}

int files_dele(struct ftp *ftp, const struct command_call *call)
{
	int error = store_remove_file(ftp->store, &call->path);

	if (error < 0)
		return reply_error(ftp, call->argument, error);
	files_log_change(ftp, "DELE", &call->path);
	return reply(ftp, 250, "%s: deleted", call->argument);
}

int files_rnfr(struct ftp *ftp, const struct command_call *call)
{
	struct store_file file;
	int error = store_look_for(ftp->store, &call->path, RIGHT_rename, &file);

	if (error == 0 && vpath_name(&call->path)[0] == '\0')
		error = store_refusal_root();
	if (error == 0) {
		free(ftp->rename_from);
		ftp->rename_from = strdup(call->path.text);
		error = ftp->rename_from ? 0 : -ENOMEM;
	}
	if (error < 0)
		return reply_error(ftp, call->argument, error);
	return reply(ftp, 350, "Ready for RNTO");
}

int files_rnto(struct ftp *ftp, const struct command_call *call)
{
	struct vpath from;
	int error;

	if (!ftp->rename_from)
		return reply(ftp, 503, "RNFR comes right before RNTO");
	error = vpath_resolve(&from, NULL, ftp->rename_from, strlen(ftp->rename_from));
	if (error == 0)
		error = store_rename(ftp->store, &from, &call->path);
	if (error < 0)
		return reply_error(ftp, call->argument, error);
	files_log_change(ftp, "RNFR", &from);
	files_log_change(ftp, "RNTO", &call->path);
	return reply(ftp, 250, "Renamed to %s", call->argument);
}
