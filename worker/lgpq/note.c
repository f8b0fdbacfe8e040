#include "worker/lgpq/note.h"

#include "common/log.h"
#include "worker/session_activity.h"
#include "worker/xferlog.h"

#include <string.h>

/* A connection that was cut for a kick looks as if its client had done it. */
static const char *reason_of(const struct session *session, int error)
{
	if (error >= 0)
		return "complete";
	return atomic_load(&session->kicked_ms) != 0 ? "ended by the operator" : strerror(-error);
}

static void note(struct session *session, const char *event, bool upload, int error)
{
	const char *whole = session->path ? session->path : "";
	uint64_t bytes = atomic_load(&session->row->bytes_done);
	char name[SESSION_NAME], peer[ADDRESS_TEXT], path[LOG_QUOTED];

	if (error < 0 && atomic_load(&session->kicked_ms) == 0)
		session->trouble = strerror(-error);
	log_info(event, "session=%s peer=%s path=%s bytes=%ju reason=\"%s\"",
		session_name(session, name), address_format(&session->activity.peer, peer),
		log_quote(path, whole, strlen(whole)), (uintmax_t)bytes, reason_of(session, error));
	xferlog_note(session, &(struct xferlog_entry){.path = whole,
				      .user = session->activity.user,
				      .bytes = bytes,
				      .began_ms = session->activity.command_since_ms,
				      .upload = upload,
				      .anonymous = session->activity.user[0] == '\0',
				      .complete = error == 0});
}

void note_put(struct session *session, const char *event, int error)
{
	session_count(session, error < 0 ? COUNT_uploads_broken : COUNT_uploads, 1);
	note(session, event, true, error);
}

void note_get(struct session *session, int error)
{
	session_count(session, error < 0 ? COUNT_downloads_broken : COUNT_downloads, 1);
	note(session, error < 0 ? "lgpq: get broken off" : "lgpq: get", false, error);
}
