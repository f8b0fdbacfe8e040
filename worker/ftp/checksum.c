#include "worker/ftp/checksum.h"

#include "worker/ftp/argument.h"
#include "worker/ftp/directory.h"
#include "worker/ftp/errand.h"
#include "worker/ftp/reply.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* The bytes that are meant: from first up to but not with end; end -1: to the file's end. */
struct span {
	int64_t first, end;
};

/* 0, -ERANGE, or what went wrong on the way. */
static int make_sum(struct errand *errand, const struct vpath *path, enum sum_kind kind,
	struct span *span, char text[SUM_TEXT])
{
	struct ftp *ftp = errand->ftp;
	struct store_file file;
	int error = store_open_file(ftp->store, path, &file);

	if (error < 0)
		return error;
	if (span->end < 0 || span->end > file.size)
		span->end = file.size;
	if (span->first > span->end)
		error = -ERANGE;
	if (error == 0)
		error = sum_file(text, kind, file.descriptor, span->first, span->end,
			errand_is_given_up, errand);
	close(file.descriptor);
	return error;
}

int checksum_hash(struct ftp *ftp, const struct command_call *call)
{
	struct span span = {ftp->restart, -1};
	struct errand errand;
	char text[SUM_TEXT];
	int error;

	if (ftp->range_last >= 0)
		span = (struct span){ftp->range_first,
			ftp->range_last < INT64_MAX ? ftp->range_last + 1 : INT64_MAX};
	errand_begin(&errand, ftp);
	error = make_sum(&errand, &call->path, ftp->hash, &span, text);
	errand_end(&errand);
	if (error < 0)
		return errand_refuse(&errand, call->argument, error);
	return reply(ftp, 213, "%s %jd-%jd %s %s", sum_name(ftp->hash), (intmax_t)span.first,
		(intmax_t)(span.end > span.first ? span.end - 1 : span.first), text,
		call->argument);
}

/* `path`, or `"path" [first [end]]`: the quotes tell where a path with blanks ends. *length bytes
 * at *name. 0 or -EINVAL. */
static int read_old_form(const char *text, const char **name, size_t *length, struct span *span)
{
	const char *quote = text[0] == '"' ? strchr(text + 1, '"') : NULL;
	char number[24];

	*name = quote ? text + 1 : text;
	*length = quote ? (size_t)(quote - text - 1) : strlen(text);
	text = quote ? quote + 1 : "";
	for (int i = 0; i < 2 && *text == ' '; i++) {
		size_t digits = strcspn(++text, " ");

		if (digits >= sizeof(number))
			return -EINVAL;
		memcpy(number, text, digits);
		number[digits] = '\0';
		if (argument_number(i == 0 ? &span->first : &span->end, number) < 0)
			return -EINVAL;
		text += digits;
	}
	return *text == '\0' && (span->end < 0 || span->first <= span->end) ? 0 : -EINVAL;
}

static int old_form(struct ftp *ftp, const struct command_call *call, enum sum_kind kind)
{
	struct span span = {0, -1};
	struct errand errand;
	struct vpath path;
	const char *name;
	char text[SUM_TEXT];
	size_t length;
	int error = read_old_form(call->argument, &name, &length, &span);

	if (error == 0)
		error = directory_resolve(ftp, &path, name, length);
	if (error == -EINVAL)
		return reply(ftp, 501, "The form is PATH, or \"PATH\" FIRST END");
	if (error < 0)
		return reply_error(ftp, call->argument, error);
	errand_begin(&errand, ftp);
	error = make_sum(&errand, &path, kind, &span, text);
	errand_end(&errand);
	if (error < 0)
		return errand_refuse(&errand, call->argument, error);
	return reply(ftp, 250, "%s", text);
}

int checksum_xcrc(struct ftp *ftp, const struct command_call *call)
{
	return old_form(ftp, call, SUM_CRC32);
}

int checksum_xmd5(struct ftp *ftp, const struct command_call *call)
{
	return old_form(ftp, call, SUM_MD5);
}

int checksum_xsha1(struct ftp *ftp, const struct command_call *call)
{
	return old_form(ftp, call, SUM_SHA1);
}

int checksum_xsha256(struct ftp *ftp, const struct command_call *call)
{
	return old_form(ftp, call, SUM_SHA256);
}

int checksum_xsha512(struct ftp *ftp, const struct command_call *call)
{
	return old_form(ftp, call, SUM_SHA512);
}
