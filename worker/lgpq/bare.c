#include "worker/lgpq/bare.h"

#include "worker/lgpq/bare_end.h"
#include "worker/lgpq/bare_put.h"
#include "worker/lgpq/bare_words.h"
#include "worker/lgpq/library.h"
#include "worker/lgpq/note.h"
#include "worker/lgpq/state.h"
#include "worker/session_activity.h"
#include "worker/session_pace.h"
#include "worker/transcript.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	LIST_LONGEST = 4096, /* what the old client reads at once */
	READ_SIZE = 1024,    /* what it reads at a time of a file */
};

/* ---- L ---- */

/* As many whole names as fit, each with its #; `...#` at the end when some did not. Names that hold
 * a # cannot be told. Returns the length. */
static size_t write_names(const struct library *library, char list[LIST_LONGEST])
{
	static const char cut[] = "...#";
	size_t cut_length = sizeof(cut) - 1, used = 0, safe = 0;

	for (size_t i = 0; i < library->count; i++) {
		const char *name = library->files[i]->name;
		size_t length = strlen(name);

		if (strchr(name, '#'))
			continue;
		if (used + length + 1 > LIST_LONGEST) {
			memcpy(list + safe, cut, cut_length);
			return safe + cut_length;
		}
		memcpy(list + used, name, length);
		list[used + length] = '#';
		used += length + 1;
		if (used + cut_length <= LIST_LONGEST)
			safe = used;
	}
	return used;
}

static int send_names(struct session *session, const char *list, size_t length)
{
	int error = bare_say(session, BARE_OK);

	if (error == 0)
		error = bare_pause(session);
	return error < 0 ? error : stream_write(&session->stream, list, length, false);
}

static int do_list(struct session *session)
{
	struct library library;
	char list[LIST_LONGEST];
	size_t length = 0;
	int error = library_read(&library, lgpq_store(session));

	if (error == 0)
		length = write_names(&library, list);
	library_free(&library);
	if (length == 0)
		return bare_say(session, BARE_EMPTY);
	return send_names(session, list, length);
}

/* ---- G ---- */

/* The old client ends a file at a read that brings exactly `##`. When the content ends in that, its
 * last bytes are sent apart, as one read's worth, so that they are never read alone. A file that is
 * just `##` cannot be saved. */
static int64_t tail_to_send_apart(const struct store_file *file)
{
	char last[2];

	if (file->size <= 2 || pread(file->descriptor, last, 2, file->size - 2) != 2 ||
		memcmp(last, BARE_MARK, 2) != 0)
		return 0;
	return file->size < READ_SIZE ? file->size : READ_SIZE;
}

static int send_content(struct session *session, const struct store_file *file)
{
	int64_t tail = tail_to_send_apart(file);
	int64_t head = file->size - tail;
	int error = stream_send_file(
		&session->stream, file->descriptor, 0, head, &session->row->bytes_done);

	if (error == 0 && head > 0 && tail > 0)
		error = bare_pause(session);
	return error < 0 ? error
			 : stream_send_file(&session->stream, file->descriptor, head, tail,
				   &session->row->bytes_done);
}

static int send_file(struct session *session, const struct store_file *file)
{
	int error = bare_say(session, BARE_OK);
	struct throttle throttle;

	if (error == 0)
		error = bare_pause(session);
	lgpq_hold_back(session, &throttle, BANDWIDTH_DOWNLOAD);
	if (error == 0)
		error = send_content(session, file);
	throttle_end(&throttle, &session->stream);
	if (error == 0)
		error = bare_pause(session);
	note_get(session, error);
	return error < 0 ? error : bare_say(session, BARE_MARK);
}

static int do_get(struct session *session, const struct vpath *path)
{
	struct store_file file;
	int error = store_open_file(lgpq_store(session), path, &file);

	if (error < 0) {
		session_count(session, COUNT_requests_refused, 1);
		return bare_say(session, BARE_NOT_FOUND);
	}
	session_expect(session, file.size);
	error = send_file(session, &file);
	close(file.descriptor);
	return error;
}

/* ---- one request ---- */

static int refuse(struct session *session)
{
	session_command(session, "?", NULL);
	session_count(session, COUNT_requests_refused, 1);
	return bare_say(session, BARE_UNKNOWN);
}

static int do_with_file(struct session *session, const char *request, size_t length,
	char next[BARE_REQUEST_LONGEST])
{
	bool get = request[0] == 'G';
	struct vpath path;
	int result = vpath_resolve(&path, NULL, request + 2, length - 2);

	if (result < 0) {
		session_command(session, get ? "get" : "put", NULL);
		session_count(session, COUNT_requests_refused, 1);
		return bare_say(session, get ? BARE_NOT_FOUND : BARE_PUT_FAILED);
	}
	session_command(session, get ? "get" : "put", path.text);
	session_transfer_begin(session);
	result = get ? do_get(session, &path) : bare_put(session, &path, next);
	session_transfer_end(session);
	return result;
}

/* Answers the request and writes what follows it to next: its length, 0 when nothing does, or
 * -errno to end the session. */
static int answer(struct session *session, const char *request, size_t length,
	char next[BARE_REQUEST_LONGEST])
{
	char letter = request[0];

	transcript_note(session, FROM_CLIENT, request, length);
	if (length > 2 && (letter == 'G' || letter == 'P') && request[1] == ' ')
		return do_with_file(session, request, length, next);
	if (letter == 'Q')
		return -ESHUTDOWN;
	if (letter != 'L')
		return refuse(session);
	session_command(session, "list", NULL);

	int error = do_list(session);

	if (error < 0 || !bare_is_request(request + 1, length - 1))
		return error;
	memcpy(next, request + 1, length - 1);
	return (int)length - 1;
}

/* What one send carried, as far as anyone can tell: all that is there. */
static int read_request(struct session *session, char request[BARE_REQUEST_LONGEST])
{
	size_t held;
	const char *input = stream_peek(&session->stream, &held);

	if (held == 0) {
		ssize_t got = stream_fill(&session->stream);

		if (got <= 0)
			return got == 0 ? -ESHUTDOWN : (int)got;
		input = stream_peek(&session->stream, &held);
	}
	if (held > BARE_REQUEST_LONGEST) {
		stream_take(&session->stream, held);
		request[0] = '?';
		return 1;
	}
	memcpy(request, input, held);
	stream_take(&session->stream, held);
	return (int)held;
}

enum session_next bare_serve(struct session *session)
{
	char request[BARE_REQUEST_LONGEST], next[BARE_REQUEST_LONGEST];
	int length = session_pace_is_over(session) ? 0 : read_request(session, request);

	while (length > 0) {
		length = answer(session, request, (size_t)length, next);
		session_pace_spend(session);
		session_idle(session);
		if (length > 0)
			memcpy(request, next, (size_t)length);
	}
	return length < 0 && length != -EAGAIN ? SESSION_CLOSE : SESSION_PARK;
}
