#include "client/ftp_reply.h"

#include "client/language.h"
#include "client/trouble.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

static const struct {
	int code;
	int error;
	const char *meaning;
} refusals[] = {
	{421, -ENOTCONN, N_("the server is full or closes down")},
	{425, -ENOTCONN, N_("no data connection could be made")},
	{426, -ENOTCONN, N_("the data connection is lost")},
	{430, -EACCES, N_("wrong user or password")},
	{450, -EBUSY, N_("the server is busy")},
	{451, -EREMOTEIO, N_("the server has failed")},
	{452, -ENOSPC, N_("the server's disk is full")},
	{500, -EBADRQC, N_("the server does not understand the request")},
	{501, -EINVAL, N_("the server does not accept this name")},
	{502, -EBADRQC, N_("the server does not understand the request")},
	{504, -EBADRQC, N_("the server does not understand the request")},
	{522, -ENOTCONN, N_("no data connection could be made")},
	{530, -EACCES, N_("wrong user or password")},
	{532, -EACCES, N_("the server does not allow it")},
	{534, -EACCES, N_("the server wants TLS")},
	{550, -ENOENT, N_("the server has no such file")},
	{552, -EFBIG, N_("the file is too large for the server")},
	{553, -EINVAL, N_("the server does not accept this name")},
	{554, -ERANGE, N_("the server's file is shorter than the local part")},
};

/* " HASH SHA-256*;SHA-512;SHA-1". */
static void take_algorithms(struct ftp_features *features, const char *text, size_t length)
{
	static const char wanted[] = "SHA-256";

	while (length >= strlen(wanted)) {
		const char *end = memchr(text, ';', length);
		size_t here = end ? (size_t)(end - text) : length;

		if (here >= strlen(wanted) && !strncasecmp(text, wanted, strlen(wanted)) &&
			(here == strlen(wanted) || text[strlen(wanted)] == '*')) {
			features->hash = true;
			features->hash_selected = here > strlen(wanted);
		}
		if (!end)
			break;
		length -= here + 1;
		text = end + 1;
	}
}

static bool begins(const char *text, size_t length, const char *with)
{
	return length >= strlen(with) && strncasecmp(text, with, strlen(with)) == 0;
}

/* A line in the middle of a reply of several: of all of them, only FEAT's begin with a blank and
 * name these. */
static void take_feature(struct ftp_features *features, const char *text, size_t length)
{
	if (length == 0 || *text != ' ')
		return;
	features->known = true;
	if (begins(text, length, " MLST"))
		features->mlst = true;
	if (begins(text, length, " HASH "))
		take_algorithms(features, text + 6, length - 6);
}

/* "SHA-256 0-1234 0123…abcd name". */
static void take_sum(struct ftp_reply *reply, const char *text)
{
	const char *sum;

	if (strncasecmp(text, "SHA-256 ", 8) != 0)
		return;
	sum = strchr(text + 8, ' ');
	if (!sum || strspn(sum + 1, "0123456789abcdefABCDEF") != DIGEST_TEXT - 1)
		return;
	for (size_t i = 0; i < DIGEST_TEXT - 1; i++)
		reply->sum[i] = (char)tolower((unsigned char)sum[1 + i]);
	reply->sum[DIGEST_TEXT - 1] = '\0';
}

void ftp_reply_line(struct ftp_reply *reply, const char *line, size_t length)
{
	bool last;

	while (length > 0 && strchr("\r\n", line[length - 1]))
		length--;
	last = length >= 3 && isdigit((unsigned char)line[0]) && isdigit((unsigned char)line[1]) &&
	       isdigit((unsigned char)line[2]) && (length == 3 || line[3] == ' ');
	if (!last) {
		take_feature(&reply->features, line, length);
		return;
	}
	reply->code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
	line += length > 3 ? 4 : 3;
	length -= length > 3 ? 4 : 3;
	if (length >= FTP_REPLY_TEXT)
		length = FTP_REPLY_TEXT - 1;
	memcpy(reply->text, line, length);
	reply->text[length] = '\0';
	if (reply->code == 213)
		take_sum(reply, reply->text);
}

static int refused_as(int code, const char **meaning)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		if (refusals[i].code == code) {
			*meaning = _(refusals[i].meaning);
			return refusals[i].error;
		}
	}
	*meaning = _("the server refuses");
	return -EREMOTEIO;
}

int ftp_reply_trouble(const struct ftp_reply *reply, bool put)
{
	const char *meaning;
	int error;

	if (reply->code < 400)
		return 0;
	error = refused_as(reply->code, &meaning);
	if (put && reply->code == 550) {
		error = -EACCES;
		meaning = _("the server does not allow it");
	}
	if (*reply->text)
		return trouble_set(error, "%s (%d %s)", meaning, reply->code, reply->text);
	return trouble_set(error, "%s (%d)", meaning, reply->code);
}
