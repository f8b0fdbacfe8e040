#include "worker/lgpq/framed_reply.h"
#include "worker/session_activity.h"
#include "worker/transcript.h"

#include "common/log.h"
#include "worker/quota.h"
#include "worker/store_refusal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The one place where an error of the system becomes a word of the protocol. */
static const struct meaning {
	int error;
	const char *word;
	const char *why;
} meanings[] = {
	{ENOENT, "not-found", "no such file"},
	{ENOTDIR, "not-found", "no such directory"},
	{EACCES, "denied", "permission denied"},
	{EPERM, "denied", "this account may not do that"},
	{EROFS, "denied", "the file system is read-only"},
	{ELOOP, "denied", "a loop of symbolic links"},
	{EISDIR, "exists", "that is a directory"},
	{EEXIST, "exists", "something that is no file has that name"},
	{ENOSPC, "no-space", "no space left"},
	{EDQUOT, "no-space", "over quota"},
	{EFBIG, "too-large", "larger than this server takes"},
	{ENAMETOOLONG, "bad-name", "the name is too long"},
	{EINVAL, "bad-name", "no file can have that name"},
	{EILSEQ, "bad-name", "the file system refuses the name"},
	{EBUSY, "busy", "somebody else is putting that file"},
};

int framed_say(struct session *session, const char *line, size_t length, bool more)
{
	transcript_note(session, TO_CLIENT, line, length - 1);
	return stream_write(&session->stream, line, length, more);
}

int framed_refuse(struct session *session, const char *word, const char *why)
{
	char line[STORE_REFUSAL_TEXT + 100], name[SESSION_NAME], path[LOG_QUOTED];
	int length = snprintf(line, sizeof(line), "ERR %s %s\n", word, why);

	session_count(session, COUNT_requests_refused, 1);
	log_debug("lgpq: refused", "session=%s command=%s path=%s word=%s why=\"%s\"",
		session_name(session, name), session->activity.command,
		log_quote(path, session->activity.path, strlen(session->activity.path)), word, why);
	return framed_say(session, line, (size_t)length, false);
}

int framed_refuse_error(struct session *session, int error)
{
	char reason[STORE_REFUSAL_TEXT], name[SESSION_NAME];
	const char *refusal = store_refusal_text(error, reason);

	_Static_assert((int)QUOTA_TEXT <= (int)STORE_REFUSAL_TEXT, "fits the reason");
	if (refusal)
		return framed_refuse(session, error == -EEXIST ? "exists" : "denied", refusal);
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		if (meanings[i].error == -error) {
			refusal = quota_refusal_text(error, reason);
			return framed_refuse(
				session, meanings[i].word, refusal ? refusal : meanings[i].why);
		}
	}
	log_warning("lgpq: internal error", "session=%s command=%s error=\"%s\"",
		session_name(session, name), session->activity.command, strerror(-error));
	return framed_refuse(session, "internal", strerror(-error));
}
