#include "worker/lgpq/framed.h"

#include "common/clock.h"
#include "common/digest.h"
#include "common/lgpq_field.h"
#include "worker/lgpq/framed_put.h"
#include "worker/lgpq/framed_reply.h"
#include "worker/lgpq/library.h"
#include "worker/lgpq/request.h"
#include "worker/lgpq/note.h"
#include "worker/lgpq/state.h"
#include "worker/session_activity.h"
#include "worker/session_pace.h"
#include "worker/transcript.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LIST_CHUNK = 64 * 1024, DIGEST_CHUNK = 128 * 1024, LIST_LINE = 48 + 3 * 255 };

/* ---- L ---- */

static size_t list_line(char *line, const struct library_file *file)
{
	size_t used =
		(size_t)sprintf(line, "%jd\t%jd\t", (intmax_t)file->size, (intmax_t)file->mtime);

	used += lgpq_field_encode(line + used, file->name, strlen(file->name));
	line[used++] = '\n';
	return used;
}

static int send_list(struct session *session, const struct library *library, char *chunk)
{
	size_t used = (size_t)sprintf(chunk, "OK %zu\n", library->count);
	int error = 0;

	transcript_note(session, TO_CLIENT, chunk, used - 1);
	for (size_t i = 0; i < library->count && error == 0; i++) {
		if (used > LIST_CHUNK - LIST_LINE) {
			error = stream_write(&session->stream, chunk, used, true);
			used = 0;
		}
		used += list_line(chunk + used, library->files[i]);
	}
	return error < 0 ? error : stream_write(&session->stream, chunk, used, false);
}

static int do_list(struct session *session)
{
	struct library library;
	char *chunk = malloc(LIST_CHUNK);
	int error = chunk ? library_read(&library, lgpq_store(session)) : -ENOMEM;

	if (error == 0)
		error = send_list(session, &library, chunk);
	else
		error = framed_refuse_error(session, error);
	if (chunk)
		library_free(&library);
	free(chunk);
	return error;
}

/* ---- G ---- */

static int send_file(struct session *session, const struct store_file *file, int64_t offset)
{
	char line[64];
	int length = snprintf(line, sizeof(line), "OK %jd\t%jd\n", (intmax_t)(file->size - offset),
		(intmax_t)file->mtime);
	int error = framed_say(session, line, (size_t)length, file->size > offset);
	struct throttle throttle;

	lgpq_hold_back(session, &throttle, BANDWIDTH_DOWNLOAD);
	if (error == 0) {
		session_first_byte(session, clock_us());
		error = stream_send_file(&session->stream, file->descriptor, offset,
			file->size - offset, &session->row->bytes_done);
	}
	throttle_end(&throttle, &session->stream);
	note_get(session, error);
	return error;
}

static int do_get(struct session *session, const struct vpath *path, int64_t offset)
{
	struct store_file file;
	int error = store_open_file(lgpq_store(session), path, &file);

	if (error == -EISDIR)
		return framed_refuse(session, "denied", "that is a directory");
	if (error < 0)
		return framed_refuse_error(session, error);
	session_expect(session, file.size - offset);
	if (offset > file.size)
		error = framed_refuse(session, "bad-offset", "the file is shorter than that");
	else
		error = send_file(session, &file, offset);
	close(file.descriptor);
	return error;
}

/* ---- S ---- */

static int digest_file(
	struct session *session, const struct store_file *file, struct digest *digest)
{
	char *chunk = malloc(DIGEST_CHUNK);
	int error = chunk ? 0 : -ENOMEM;
	int64_t done = 0;

	while (error == 0 && done < file->size) {
		ssize_t got = pread(file->descriptor, chunk, DIGEST_CHUNK, done);

		if (atomic_load(&session->told_to_close))
			error = -ECONNABORTED;
		else if (got > 0)
			digest_add(digest, chunk, (size_t)got);
		else if (got == 0 || errno != EINTR)
			error = got == 0 ? -EIO : -errno;
		done += got > 0 ? got : 0;
	}
	free(chunk);
	return error;
}

static int send_digest(struct session *session, const struct store_file *file)
{
	struct digest *digest = digest_new();
	char line[100], sum[DIGEST_TEXT];
	int error = digest ? digest_file(session, file, digest) : -ENOMEM;

	if (error == 0) {
		int length = snprintf(line, sizeof(line), "OK %jd\t%s\n", (intmax_t)file->size,
			digest_text(digest, sum));

		error = framed_say(session, line, (size_t)length, false);
	} else if (error != -ECONNABORTED) {
		error = framed_refuse_error(session, error);
	}
	digest_free(digest);
	return error;
}

static int do_sum(struct session *session, const struct vpath *path)
{
	struct store_file file;
	int error = store_open_file(lgpq_store(session), path, &file);

	if (error == -EISDIR)
		return framed_refuse(session, "denied", "that is a directory");
	if (error < 0)
		return framed_refuse_error(session, error);
	error = send_digest(session, &file);
	close(file.descriptor);
	return error;
}

/* ---- one request ---- */

static int do_with_file(struct session *session, const struct request *request)
{
	const char *command = request->letter == 'G'   ? "get"
			      : request->letter == 'P' ? "put"
						       : "sum";
	struct vpath path;
	int error = vpath_resolve(&path, NULL, request->name, request->name_length);

	session_command(session, command, error < 0 ? request->name : path.text);
	if (error < 0)
		return framed_refuse_error(session, error);
	session_transfer_begin(session);
	if (request->letter == 'G')
		error = do_get(session, &path, request->offset);
	else if (request->letter == 'P')
		error = framed_put(session, &path, request->size, request->offset);
	else
		error = do_sum(session, &path);
	session_transfer_end(session);
	return error;
}

static int refuse_fault(struct session *session, enum request_fault fault)
{
	session_command(session, "?", NULL);
	switch (fault) {
	case REQUEST_BAD_NAME:
		return framed_refuse(session, "bad-name", "not a name as %XX encodes it");
	case REQUEST_BAD_OFFSET:
		return framed_refuse(session, "bad-offset", "not an offset inside the file");
	default:
		return framed_refuse(session, "bad-request",
			"L, G<TAB>name[<TAB>offset], P<TAB>name<TAB>size[<TAB>offset], "
			"S<TAB>name and Q are known here");
	}
}

/* 0 to go on; anything else ends the session. */
static int answer(struct session *session, char *line, size_t length)
{
	struct request request;
	enum request_fault fault = request_parse(&request, line, length);
	int error;

	if (fault != REQUEST_FINE)
		return refuse_fault(session, fault);
	if (request.name)
		return do_with_file(session, &request);
	session_command(session, request.letter == 'L' ? "list" : "quit", NULL);
	if (request.letter == 'L')
		return do_list(session);
	error = framed_say(session, "BYE\n", 4, false);
	return error < 0 ? error : -ESHUTDOWN;
}

/* ---- lines ---- */

static int answer_line(struct session *session, size_t length)
{
	char line[STREAM_BUFFER + 1];
	struct lgpq_state *state = lgpq_state(session);
	size_t held;
	int error = 0;

	memcpy(line, stream_peek(&session->stream, &held), length);
	stream_take(&session->stream, length + 1);
	if (!state->skipping_line) {
		transcript_note(session, FROM_CLIENT, line, length);
		error = answer(session, line, length);
	}
	state->skipping_line = false;
	session_pace_spend(session);
	session_idle(session);
	return error;
}

/* The buffer is full and holds no \n: no request is that long. */
static int skip_long_line(struct session *session)
{
	struct lgpq_state *state = lgpq_state(session);
	bool told = state->skipping_line;
	size_t held;

	(void)stream_peek(&session->stream, &held);
	stream_take(&session->stream, held);
	state->skipping_line = true;
	return told ? 0 : framed_refuse(session, "bad-request", "the line is too long");
}

enum session_next framed_serve(struct session *session)
{
	for (;;) {
		size_t held;
		const char *input = stream_peek(&session->stream, &held);
		const char *end = memchr(input, '\n', held);
		ssize_t result;

		if (end && session_pace_is_over(session))
			return SESSION_PARK;
		if (end)
			result = answer_line(session, (size_t)(end - input));
		else
			result = stream_fill(&session->stream);
		if (result == -ENOBUFS)
			result = skip_long_line(session);
		else if (!end && result == 0)
			return SESSION_CLOSE;
		if (result == -EAGAIN)
			return SESSION_PARK;
		if (result < 0 || atomic_load(&session->told_to_close))
			return SESSION_CLOSE;
		if (end && atomic_load(&session->engine->draining))
			return SESSION_PARK;
	}
}
