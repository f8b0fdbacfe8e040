#include "worker/lgpq/framed_put.h"

#include "common/lgpq_field.h"
#include "worker/lgpq/framed_reply.h"
#include "worker/lgpq/note.h"
#include "worker/upload.h"
#include "worker/lgpq/state.h"
#include "worker/session_activity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHUNK = 256 * 1024 };

/* Writes what comes, counting it. After an error of the disk the client is told at once, and the
 * rest of its bytes is read and dropped, so that the connection stays usable: *failure has the
 * error. 0, or -errno of the stream. */
static int receive(
	struct session *session, struct upload *upload, int64_t left, char *chunk, int *failure)
{
	struct stream *stream = &session->stream;

	while (left > 0) {
		size_t want = left < CHUNK ? (size_t)left : CHUNK;
		ssize_t got = stream_read(stream, chunk, want, stream->stall_ms);

		if (got <= 0)
			return got == 0 ? -ECONNRESET : got == -EAGAIN ? -ETIMEDOUT : (int)got;
		left -= got;
		if (*failure < 0)
			continue;
		*failure = upload_write(upload, chunk, (size_t)got);
		if (*failure < 0) {
			int error = framed_refuse_error(session, *failure);

			if (error < 0)
				return error;
		}
		atomic_fetch_add_explicit(
			&session->row->bytes_done, (uint64_t)got, memory_order_relaxed);
		session_count(session, COUNT_bytes_received, (uint64_t)got);
	}
	return 0;
}

/* A third field only where the name was taken (a drop box): the one that it got. */
static int reply_committed(struct session *session, const struct upload *upload,
	const struct vpath *path, int64_t size, const char *sum)
{
	const char *other = upload_other_name(upload, path);
	char line[100 + LGPQ_FIELD_ENCODED(VPATH_NAME_LONGEST)];
	char field[LGPQ_FIELD_ENCODED(VPATH_NAME_LONGEST)] = "";
	int length;

	if (other)
		(void)lgpq_field_encode(field, other, strlen(other));
	length = snprintf(line, sizeof(line), "OK %jd\t%s%s%s\n", (intmax_t)size, sum,
		other ? "\t" : "", field);
	return framed_say(session, line, (size_t)length, false);
}

static int commit(
	struct session *session, struct upload *upload, const struct vpath *path, int64_t size)
{
	enum config_sync sync = (enum config_sync)session->engine->config->sync;
	char sum[DIGEST_TEXT] = "";
	int error = upload_commit(upload, sync, sum);

	note_put(session, error < 0 ? "lgpq: put failed" : "lgpq: put", error);
	return error < 0 ? framed_refuse_error(session, error)
			 : reply_committed(session, upload, path, size, sum);
}

static int take_bytes(
	struct session *session, struct upload *upload, const struct vpath *path, int64_t size)
{
	char *chunk = malloc(CHUNK);
	char line[40];
	int length = snprintf(line, sizeof(line), "OK %jd\n", (intmax_t)upload->size);
	int failure = chunk ? 0 : -ENOMEM;
	struct throttle throttle;
	int error;

	if (!chunk) {
		upload_abandon(upload);
		return framed_refuse_error(session, failure);
	}
	error = framed_say(session, line, (size_t)length, false);
	lgpq_hold_back(session, &throttle, BANDWIDTH_UPLOAD);
	if (error == 0)
		error = receive(session, upload, size - upload->size, chunk, &failure);
	throttle_end(&throttle, &session->stream);
	free(chunk);
	if (error == 0 && failure == 0)
		return commit(session, upload, path, size);
	upload_abandon(upload);
	note_put(session, "lgpq: put broken off", error < 0 ? error : failure);
	return error;
}

int framed_put(struct session *session, const struct vpath *path, int64_t size, int64_t offset)
{
	const struct upload_wish wish = {.store = lgpq_store(session),
		.session = session,
		.path = path,
		.kind = UPLOAD_RESUMABLE,
		.from = offset};
	struct upload upload;
	struct vpath made;
	int error = upload_open(&upload, &wish);

	if (error < 0)
		return framed_refuse_error(session, error);
	session->path = upload_path(&upload, path, &made)->text;
	session_expect(session, size - upload.size);
	error = upload_fits(&upload, size - upload.size);
	if (error < 0) {
		upload_abandon(&upload);
		return framed_refuse_error(session, error);
	}
	return take_bytes(session, &upload, path, size);
}
