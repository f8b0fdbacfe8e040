#include "worker/ftp/reply.h"

#include "worker/ftp/mask.h"
#include "worker/quota.h"
#include "worker/store_refusal.h"
#include "worker/stream_post.h"
#include "worker/transcript.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum {
	REPLY_LONGEST = 9216, /* a path, all of it quotes, and some words */
	IAC = 255
};

/* What a client may have put into the text cannot end the line, and its 255s are doubled (telnet).
 */
static size_t make_clean(char *out, size_t room, const char *text, size_t length)
{
	size_t used = 0;

	for (size_t i = 0; i < length && used + 2 < room; i++) {
		char byte = text[i];

		if (byte == '\r' || byte == '\n')
			byte = '?';
		if (byte == '\377')
			out[used++] = byte;
		out[used++] = byte;
	}
	return used;
}

static void note_line(const struct ftp *ftp, const char *line, size_t length)
{
	char masked[MASKED];

	transcript_note(ftp->session, TO_CLIENT, masked, mask_reply(masked, line, length));
}

static int write_line(
	struct ftp *ftp, const char *prefix, bool more, const char *format, va_list values)
{
	char text[REPLY_LONGEST], line[2 * REPLY_LONGEST];
	size_t used = strlen(prefix);
	int length = vsnprintf(text, sizeof(text), format, values);

	if (length >= (int)sizeof(text))
		length = sizeof(text) - 1;
	memcpy(line, prefix, used);
	used += make_clean(line + used, sizeof(line) - used - 2, text, (size_t)length);
	if (prefix[0] != ' ')
		note_line(ftp, line, used);
	line[used++] = '\r';
	line[used++] = '\n';
	return stream_post(&ftp->session->stream, line, used, more);
}

static void make_prefix(char prefix[8], int code, char mark)
{
	snprintf(prefix, 8, "%03d%c", code % 1000, mark);
}

static void count(const struct ftp *ftp, int code)
{
	static const enum board_counter classes[] = {COUNT_replies_1xx, COUNT_replies_2xx,
		COUNT_replies_3xx, COUNT_replies_4xx, COUNT_replies_5xx};

	assert(code >= 100 && code < 600);
	session_count(ftp->session, classes[code / 100 - 1], 1);
	if (code >= 400)
		session_count(ftp->session, COUNT_requests_refused, 1);
}

int reply(struct ftp *ftp, int code, const char *format, ...)
{
	char prefix[8];
	va_list values;
	int error;

	count(ftp, code);
	make_prefix(prefix, code, ' ');
	va_start(values, format);
	error = write_line(ftp, prefix, false, format, values);
	va_end(values);
	return error;
}

int reply_first(struct ftp *ftp, int code, const char *format, ...)
{
	char prefix[8];
	va_list values;
	int error;

	make_prefix(prefix, code, '-');
	va_start(values, format);
	error = write_line(ftp, prefix, true, format, values);
	va_end(values);
	return error;
}

int reply_between(struct ftp *ftp, const char *format, ...)
{
	va_list values;
	int error;

	va_start(values, format);
	error = write_line(ftp, " ", true, format, values);
	va_end(values);
	return error;
}

/* How much of the bytes fits into the room, whole; *length becomes what it is there. */
static size_t convert_lines(char *out, size_t room, const char *bytes, size_t *length, bool *inside)
{
	size_t used = 0, i;

	for (i = 0; i < *length && used + 2 < room; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		if (!*inside && (isdigit(byte) || isspace(byte)))
			out[used++] = ' ';
		if (byte == IAC)
			out[used++] = (char)byte;
		out[used++] = (char)byte;
		*inside = byte != '\n';
	}
	*length = used;
	return i;
}

int reply_lines(struct ftp *ftp, const char *bytes, size_t length, bool *inside)
{
	char converted[REPLY_LONGEST];
	int error = 0;

	while (length > 0 && error == 0) {
		size_t made = length;
		size_t taken = convert_lines(converted, sizeof(converted), bytes, &made, inside);

		error = stream_post(&ftp->session->stream, converted, made, true);
		bytes += taken;
		length -= taken;
	}
	return error;
}

/* ---- errors ---- */

struct row {
	int error;
	int code;
	const char *text;
};

/* RFC 959 5.4; what may pass by itself is 4xx. */
static const struct row rows[] = {
	{ENOENT, 550, "no such file or directory"},
	{EPERM, 550, "this account may not do that"},
	{EACCES, 550, "the server's file system denies access"},
	{EISDIR, 550, "that is a directory"},
	{ENOTDIR, 550, "not a directory"},
	{EEXIST, 550, "exists already"},
	{ENOTEMPTY, 550, "the directory is not empty"},
	{EINVAL, 553, "that name cannot be used"},
	{ENAMETOOLONG, 553, "the name is too long"},
	{ELOOP, 550, "too many links or levels"},
	{EXDEV, 550, "on another file system"},
	{EROFS, 550, "the server's file system is read-only"},
	{ERANGE, 554, "the file ends before that byte"},
	{EBUSY, 450, "another upload of that name is running; try again later"},
	{ETXTBSY, 450, "the file is in use; try again later"},
	{ENOSPC, 452, "no space left on the server"},
	{EDQUOT, 552, "the quota is used up"},
	{EFBIG, 552, "larger than the server takes"},
	{EIO, 451, "the server's disk fails"},
	{ENOTCONN, 451, "the server's storage does not answer"},
	{ECONNABORTED, 451, "the server's storage does not answer"},
	{ESTALE, 451, "the server's storage does not answer"},
	{ETIMEDOUT, 451, "the server's storage does not answer"},
	{EMFILE, 451, "the server is out of descriptors; try again later"},
	{ENFILE, 451, "the server is out of descriptors; try again later"},
	{ENOMEM, 451, "the server is out of memory; try again later"},
	{EOPNOTSUPP, 504, "this file system cannot do that"},
};

const char *reply_error_text(int error, int *code)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].error == -error) {
			*code = rows[i].code;
			return rows[i].text;
		}
	}
	*code = 451;
	return strerror(-error);
}

int reply_error(struct ftp *ftp, const char *subject, int error)
{
	int code;
	const char *text = reply_error_text(error, &code);
	char reason[STORE_REFUSAL_TEXT];
	const char *refusal = store_refusal_text(error, reason);

	if (!refusal)
		refusal = quota_refusal_text(error, reason);
	return reply(ftp, code, "%s: %s", subject, refusal ? refusal : text);
}
