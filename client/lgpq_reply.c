#include "client/lgpq_reply.h"

#include "client/language.h"
#include "client/remote.h"
#include "client/trouble.h"
#include "common/lgpq_field.h"

#include <errno.h>
#include <string.h>

/* A server that is full says so and closes; one that is busy with a file goes on. */
enum { CLOSE_MS = 500 };

static const struct {
	const char *word;
	int error;
	const char *meaning;
} refusals[] = {
	{"not-found", -ENOENT, N_("the server has no such file")},
	{"denied", -EACCES, N_("the server does not allow it")},
	{"exists", -EEXIST, N_("the server has something else by that name")},
	{"no-space", -ENOSPC, N_("the server's disk is full")},
	{"too-large", -EFBIG, N_("the file is too large for the server")},
	{"bad-name", -EINVAL, N_("the server does not accept this name")},
	{"bad-request", -EBADRQC, N_("the server does not understand the request")},
	{"bad-offset", -ERANGE, N_("the server's file is shorter than the local part")},
	{"mismatch", -EBADMSG, N_("the server received other bytes than were sent")},
	{"busy", -EBUSY, N_("the server is busy")},
	{"internal", -EREMOTEIO, N_("the server has failed")},
};

static int refused_as(const char *word, size_t length, const char **meaning)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(*refusals); i++) {
		if (strlen(refusals[i].word) == length && !memcmp(refusals[i].word, word, length)) {
			*meaning = _(refusals[i].meaning);
			return refusals[i].error;
		}
	}
	*meaning = _("the server refuses");
	return -EREMOTEIO;
}

static int refusal(struct remote *remote, const char *word)
{
	size_t length = strcspn(word, " ");
	const char *text = word + length + (word[length] == ' ');
	const char *meaning;
	int error = refused_as(word, length, &meaning);

	remote->lgpq.unfinished = false;
	if (*text)
		trouble_set(error, "%s (%s)", meaning, text);
	else
		trouble_set(error, "%s", meaning);
	if (error == -EBUSY) {
		char words[512];

		strncpy(words, text, sizeof(words) - 1);
		words[sizeof(words) - 1] = '\0';
		if (wire_await(&remote->lgpq.wire, 1, CLOSE_MS) == -ENOTCONN)
			return trouble_set(
				-ENOTCONN, _("the server is full, try again later (%s)"), words);
		return trouble_set(error, "%s (%s)", meaning, words);
	}
	return error;
}

int lgpq_reply_read(struct remote *remote, struct lgpq_reply *reply, int timeout_ms)
{
	char *line, *tab;
	ssize_t length = wire_line(&remote->lgpq.wire, &line, timeout_ms);

	if (length < 0)
		return (int)length;
	if (!strncmp(line, "ERR ", 4))
		return refusal(remote, line + 4);
	if (!strncmp(line, "OK ", 3)) {
		tab = memchr(line, '\t', (size_t)length);
		reply->rest = tab ? tab + 1 : "";
		if (!lgpq_field_number(&reply->number, line + 3,
			    (size_t)((tab ? tab : line + length) - (line + 3))))
			return 0;
	}
	return trouble_set(-EPROTO, _("the server's answer makes no sense: %.100s"), line);
}
