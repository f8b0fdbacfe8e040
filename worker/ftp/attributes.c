#include "worker/ftp/attributes.h"

#include "common/rights.h"
#include "worker/ftp/argument.h"
#include "worker/ftp/directory.h"
#include "worker/ftp/reply.h"
#include "worker/session_activity.h"
#include "worker/store_change.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

/* In ASCII the size is what would be sent, and that takes reading the file: not more than this. */
enum { ASCII_SIZE_MOST = 16 << 20, COUNT_CHUNK = 64 * 1024 };

/* ---- SIZE ---- */

/* The file's own size, or that of an upload of that name that broke off and can be resumed. */
static int look_for_size(struct ftp *ftp, const struct vpath *path, struct store_file *file)
{
	int error = store_look(ftp->store, path, file);

	if (error == -ENOENT || error == -EPERM) {
		if (store_look_partial(ftp->store, path, file) == 0)
			return 0;
		error = store_look(ftp->store, path, file); /* says what was missing */
	}
	return error == 0 && file->directory ? -EISDIR : error;
}

/* LFs that have no CR before them get one on the way. */
static int64_t count_added(const char *bytes, size_t length, char *before)
{
	int64_t added = 0;

	for (size_t i = 0; i < length; i++) {
		added += bytes[i] == '\n' && *before != '\r';
		*before = bytes[i];
	}
	return added;
}

static int count_ascii(int file, int64_t *size)
{
	char *chunk = malloc(COUNT_CHUNK);
	char before = '\0';
	ssize_t got = chunk ? 1 : -1;

	*size = 0;
	while (chunk && (got = read(file, chunk, COUNT_CHUNK)) > 0)
		*size += got + count_added(chunk, (size_t)got, &before);
	free(chunk);
	if (!chunk)
		return -ENOMEM;
	return got < 0 ? -errno : 0;
}

static int reply_ascii_size(struct ftp *ftp, const struct command_call *call, int64_t size)
{
	struct store_file file;
	int error;

	if (size > ASCII_SIZE_MOST)
		return reply(
			ftp, 550, "%s: too large to count its lines; use TYPE I", call->argument);
	error = store_open_file(ftp->store, &call->path, &file);
	if (error == 0) {
		session_transfer_begin(ftp->session);
		error = count_ascii(file.descriptor, &size);
		session_transfer_end(ftp->session);
		close(file.descriptor);
	}
	if (error < 0)
		return reply_error(ftp, call->argument, error);
	return reply(ftp, 213, "%jd", (intmax_t)size);
}

int attributes_size(struct ftp *ftp, const struct command_call *call)
{
	struct store_file file;
	int error = look_for_size(ftp, &call->path, &file);

	if (error < 0)
		return reply_error(ftp, call->argument, error);
	if (ftp->type == TYPE_ASCII)
		return reply_ascii_size(ftp, call, file.size);
	return reply(ftp, 213, "%jd", (intmax_t)file.size);
}

/* ---- times ---- */

int attributes_mdtm(struct ftp *ftp, const struct command_call *call)
{
	struct store_file file;
	char text[ARGUMENT_TIME];
	int error = store_look(ftp->store, &call->path, &file);

	if (error < 0)
		return reply_error(ftp, call->argument, error);
	return reply(ftp, 213, "%s", argument_time_text(file.mtime, text));
}

int attributes_mfmt(struct ftp *ftp, const struct command_call *call)
{
	int64_t mtime;
	const char *name;
	char text[ARGUMENT_TIME];
	struct vpath path;
	int error;

	if (argument_time_path(&mtime, &name, call->argument) < 0)
		return reply(ftp, 501, "MFMT takes YYYYMMDDHHMMSS and a path");
	error = directory_resolve(ftp, &path, name, strlen(name));
	if (error == 0)
		error = store_set_mtime(ftp->store, &path, mtime);
	if (error < 0)
		return reply_error(ftp, name, error);
	return reply(ftp, 213, "Modify=%s; %s", argument_time_text(mtime, text), name);
}

/* No file system that Linux has lets anybody set it. */
int attributes_mfct(struct ftp *ftp, const struct command_call *call)
{
	int64_t created;
	const char *name;

	if (argument_time_path(&created, &name, call->argument) < 0)
		return reply(ftp, 501, "MFCT takes YYYYMMDDHHMMSS and a path");
	return reply(ftp, 504, "%s: the time of creation cannot be set here", name);
}

/* ---- MFF (draft-somers-ftp-mfxx 5) ---- */

struct mff {
	int64_t mtime;
	uint32_t mode;
	bool has_mtime, has_mode;
};

static int take_fact(struct mff *mff, const char *fact, size_t length)
{
	char text[40], *end;
	const char *equals = memchr(fact, '=', length);

	if (!equals || length >= sizeof(text))
		return -EINVAL;
	memcpy(text, fact, length);
	text[length] = '\0';
	if (strncasecmp(text, "modify=", 7) == 0) {
		mff->has_mtime = true;
		return argument_time(&mff->mtime, text + 7);
	}
	if (strncasecmp(text, "UNIX.mode=", 10) != 0 || text[10] < '0' || text[10] > '7')
		return -EINVAL;
	mff->has_mode = true;
	mff->mode = (uint32_t)strtoul(text + 10, &end, 8);
	return *end == '\0' && mff->mode <= 0777 ? 0 : -EINVAL;
}

/* "fact=value;fact=value; path". *name points to the path. */
static int read_mff(struct mff *mff, const char *text, const char **name)
{
	*mff = (struct mff){0};
	while (*text != ' ') {
		const char *end = strchr(text, ';');

		if (!end || take_fact(mff, text, (size_t)(end - text)) < 0)
			return -EINVAL;
		text = end + 1;
	}
	*name = text + 1;
	return text[1] && (mff->has_mtime || mff->has_mode) ? 0 : -EINVAL;
}

int attributes_mff(struct ftp *ftp, const struct command_call *call)
{
	struct mff mff;
	struct store_file file;
	const char *name;
	struct vpath path;
	int error;

	if (read_mff(&mff, call->argument, &name) < 0)
		return reply(
			ftp, 501, "MFF takes Modify=TIME; or UNIX.mode=MODE; or both, and a path");
	error = directory_resolve(ftp, &path, name, strlen(name));
	if (error == 0) /* all or nothing */
		error = store_look_for(ftp->store, &path,
			(mff.has_mode ? RIGHT_chmod : 0) | (mff.has_mtime ? RIGHT_touch : 0),
			&file);
	if (error == 0 && mff.has_mode)
		error = store_set_mode(ftp->store, &path, mff.mode);
	if (error == 0 && mff.has_mtime)
		error = store_set_mtime(ftp->store, &path, mff.mtime);
	if (error < 0)
		return reply_error(ftp, name, error);
	return reply(ftp, 213, "%.*s %s", (int)(name - 1 - call->argument), call->argument, name);
}
