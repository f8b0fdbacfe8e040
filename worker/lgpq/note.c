#include "worker/lgpq/note.h"

#include "common/log.h"
#include "worker/session_activity.h"
#include "worker/xferlog.h"

#include <string.h>

static void note(struct session *session, const char *event, bool upload, int error)
{
	const char *whole = session->path ? session->path : "";
	uint64_t bytes = atomic_load(&session->row->bytes_done);
	char name[SESSION_NAME], peer[ADDRESS_TEXT], path[LOG_QUOTED];

	if (error < 0)
		session->trouble = strerror(-error);
	log_info(event, "session=%s peer=%s path=%s bytes=%ju reason=\"%s\"",
		session_name(session, name), address_format(&session->activity.peer, peer),
		log_quote(path, whole, strlen(whole)), (uintmax_t)bytes,
		error < 0 ? strerror(-error) : "complete");
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
