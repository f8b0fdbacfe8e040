#include "worker/lgpq/bare_put.h"

#include "common/clock.h"
#include "worker/lgpq/bare_end.h"
#include "worker/lgpq/bare_words.h"
#include "worker/lgpq/note.h"
#include "worker/upload.h"
#include "worker/lgpq/state.h"
#include "worker/session_activity.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 64 * 1024 };

/* One upload that is coming in. */
struct incoming {
	struct session *session;
	struct upload upload;
	struct bare_end end;
	struct throttle throttle;
	int failure; /* of the disk */
};

static void keep(struct incoming *incoming, const char *bytes, size_t length)
{
	if (length == 0)
		return;
	atomic_fetch_add_explicit(
		&incoming->session->row->bytes_done, length, memory_order_relaxed);
	session_count(incoming->session, COUNT_bytes_received, length);
	if (incoming->failure == 0)
		incoming->failure = upload_write(&incoming->upload, bytes, length);
}

/* The end shows by the client's pauses; ours, while its bytes are held back, are none. */
static int64_t now_ms(const struct incoming *incoming)
{
	return clock_ms() - incoming->throttle.waited_ms;
}

/* Reads the next burst, or finds that none came in time. 0, or -errno of the stream. */
static int next_piece(struct incoming *incoming, char *chunk, struct bare_piece *piece)
{
	struct stream *stream = &incoming->session->stream;
	int wait_ms = bare_end_wait_ms(&incoming->end, now_ms(incoming));
	ssize_t got = stream_read(stream, chunk, CHUNK, wait_ms < 0 ? stream->stall_ms : wait_ms);

	if (got > 0)
		*piece = bare_end_add(&incoming->end, chunk, (size_t)got, now_ms(incoming));
	else if (got == -EAGAIN && wait_ms >= 0)
		*piece = bare_end_silence(&incoming->end, now_ms(incoming));
	else if (got == 0)
		*piece = bare_end_closed(&incoming->end);
	else
		return got == -EAGAIN ? -ETIMEDOUT : (int)got;
	return got == 0 && !piece->over ? -ECONNRESET : 0;
}

/* Up to the end mark. The length of the next request, or -errno of the stream. */
static int receive(struct incoming *incoming, char next[BARE_REQUEST_LONGEST])
{
	char *chunk = malloc(CHUNK);
	struct bare_piece piece = {0};
	int error = chunk ? 0 : -ENOMEM;

	lgpq_hold_back(incoming->session, &incoming->throttle, BANDWIDTH_UPLOAD);
	bare_end_begin(&incoming->end, now_ms(incoming));
	while (error == 0 && !piece.over) {
		error = next_piece(incoming, chunk, &piece);
		if (error == 0) {
			keep(incoming, piece.first, piece.first_length);
			keep(incoming, piece.second, piece.second_length);
		}
	}
	throttle_end(&incoming->throttle, &incoming->session->stream);
	if (error == 0)
		memcpy(next, piece.request, piece.request_length);
	free(chunk);
	return error < 0 ? error : (int)piece.request_length;
}

static void finish(struct incoming *incoming, int error)
{
	struct session *session = incoming->session;
	enum config_sync sync = (enum config_sync)session->engine->config->sync;

	if (error == 0)
		error = incoming->failure;
	if (error == 0)
		error = upload_commit(&incoming->upload, sync, NULL);
	else
		upload_abandon(&incoming->upload);
	note_put(session, error < 0 ? "lgpq: put failed" : "lgpq: put", error);
}

int bare_put(struct session *session, const struct vpath *path, char next[BARE_REQUEST_LONGEST])
{
	struct incoming incoming = {.session = session};
	const struct upload_wish wish = {.store = lgpq_store(session),
		.session = session,
		.path = path,
		.kind = UPLOAD_SINGLE};
	struct vpath made;
	int result = upload_open(&incoming.upload, &wish);

	if (result < 0) {
		session_count(session, COUNT_requests_refused, 1);
		return bare_say(session, BARE_PUT_FAILED);
	}
	/* What name it gets, if not that, only the log can tell. */
	session->path = upload_path(&incoming.upload, path, &made)->text;
	result = bare_say(session, BARE_OK);
	if (result == 0)
		result = receive(&incoming, next);
	finish(&incoming, result < 0 ? result : 0);
	return result;
}
