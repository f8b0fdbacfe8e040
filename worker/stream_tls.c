#include "worker/stream_tls.h"

#include "common/clock.h"
#include "worker/throttle.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { END_MS = 100, FILE_PIECE = 64 * 1024, KERNEL_PIECE = 1 << 20 };

int stream_tls_begin(struct stream *stream, const struct tls *tls, enum tls_use use,
	const unsigned char mark[TLS_MARK])
{
	size_t held;

	(void)stream_peek(stream, &held);
	stream_take(stream, held);
	stream->tls = tls_link_new(tls, stream->socket, use, mark);
	return stream->tls ? 0 : -ENOMEM;
}

static short events_of(const struct tls_link *link)
{
	return link->wants_output ? POLLOUT : POLLIN;
}

int stream_tls_shake(struct stream *stream, int64_t deadline_ms)
{
	int done;

	while ((done = tls_link_shake(stream->tls)) == -EAGAIN) {
		int events = stream_wait(stream, events_of(stream->tls), deadline_ms);

		if (events <= 0)
			return events < 0 ? events : -ETIMEDOUT;
	}
	return done < 0 ? done : 0;
}

int stream_tls_say_end(struct stream *stream)
{
	while (tls_link_say_end(stream->tls) == -EAGAIN) {
		int error = stream_wait_writable(stream);

		if (error < 0)
			return error;
	}
	return stream->tls->broken ? -EPIPE : 0;
}

/* What is sent to us meanwhile is of no interest. 0 at its end, or -errno. */
static int skip_to_end(struct stream *stream, int64_t deadline_ms)
{
	char waste[4096];
	ssize_t got;

	while ((got = tls_link_receive(stream->tls, waste, sizeof(waste))) != 0) {
		int events;

		if (got > 0)
			continue;
		if (got != -EAGAIN)
			return (int)got;
		events = stream_wait(stream, POLLIN, deadline_ms);
		if (events <= 0)
			return events < 0 ? events : -ETIMEDOUT;
	}
	return 0;
}

void stream_tls_await_end(struct stream *stream)
{
	(void)skip_to_end(stream, clock_ms() + END_MS);
}

/* Is what comes next no record of TLS (RFC 8446 5.1)? A letter of a command is none, nor is
 * telnet's 255. */
static bool is_clear(const struct stream *stream)
{
	enum { FIRST_KIND = 20, LAST_KIND = 24 };
	unsigned char next;

	return recv(stream->socket, &next, 1, MSG_PEEK | MSG_DONTWAIT) == 1 &&
	       (next < FIRST_KIND || next > LAST_KIND);
}

/* 0 when what comes next is clear, or -errno. */
static int skip_tls(struct stream *stream, int64_t deadline_ms)
{
	char waste[4096];

	while (!is_clear(stream)) {
		ssize_t got = tls_link_receive(stream->tls, waste, sizeof(waste));
		int events;

		if (got == 0)
			return stream->tls->ended_unclean ? -ECONNRESET : 0;
		if (got < 0 && got != -EAGAIN)
			return (int)got;
		if (got > 0)
			continue;
		events = stream_wait(stream, POLLIN, deadline_ms);
		if (events <= 0)
			return events < 0 ? events : -ETIMEDOUT;
	}
	return 0;
}

int stream_tls_leave(struct stream *stream, int64_t deadline_ms)
{
	int error = stream_tls_say_end(stream);

	if (error == 0)
		error = skip_tls(stream, deadline_ms);
	if (error == 0) {
		tls_link_free(stream->tls);
		stream->tls = NULL;
	}
	return error;
}

/* ---- files ---- */

static ssize_t allow(struct stream *stream, size_t wanted)
{
	return stream->throttle ? throttle_wait(stream, wanted) : (ssize_t)wanted;
}

static int send_by_kernel(
	struct stream *stream, int file, int64_t offset, int64_t count, _Atomic uint64_t *progress)
{
	while (count > 0) {
		ssize_t sent = allow(stream, count > KERNEL_PIECE ? KERNEL_PIECE : (size_t)count);
		int error;

		if (sent < 0)
			return (int)sent;
		sent = tls_link_send_file(stream->tls, file, offset, (size_t)sent);
		/* An empty write does nothing but look aside. */
		error = stream_write(stream, "", 0, false);
		if (sent == 0)
			return -ENODATA;
		if (sent == -EAGAIN && error == 0)
			error = stream_wait_writable(stream);
		if (error < 0 || (sent < 0 && sent != -EAGAIN))
			return error < 0 ? error : (int)sent;
		if (sent < 0)
			continue;
		stream_note_moved(stream);
		offset += sent;
		count -= sent;
		if (stream->throttle)
			throttle_moved(stream->throttle, (size_t)sent);
		stream_count(stream, progress, (uint64_t)sent);
	}
	return 0;
}

static int send_piece(struct stream *stream, const char *piece, size_t length, bool more,
	_Atomic uint64_t *progress)
{
	int error = stream_write(stream, piece, length, more);

	if (error == 0)
		stream_count(stream, progress, length);
	return error;
}

static int send_by_hand(struct stream *stream, int file, int64_t offset, int64_t count, char *piece,
	_Atomic uint64_t *progress)
{
	int error = 0;

	while (count > 0 && error == 0) {
		size_t want = count > FILE_PIECE ? FILE_PIECE : (size_t)count;
		ssize_t got = pread(file, piece, want, offset);

		if (got == 0)
			return -ENODATA;
		if (got < 0 && errno != EINTR)
			return -errno;
		if (got < 0)
			continue;
		error = send_piece(stream, piece, (size_t)got, got < count, progress);
		offset += got;
		count -= got;
	}
	return error;
}

/* Of a file that takes its time, by itself or by its rate, each record is worth a call. */
static bool is_worth_gathering(const struct stream *stream, int64_t count)
{
	return count > FILE_PIECE && !stream->throttle;
}

static int release(struct stream *stream)
{
	int error;

	while ((error = tls_link_release(stream->tls)) == -EAGAIN) {
		error = stream_wait_writable(stream);
		if (error < 0)
			return error;
	}
	return error;
}

static int send_gathered(struct stream *stream, int file, int64_t offset, int64_t count,
	char *piece, _Atomic uint64_t *progress)
{
	int error;

	if (!is_worth_gathering(stream, count))
		return send_by_hand(stream, file, offset, count, piece, progress);
	error = tls_link_gather(stream->tls);
	if (error == 0)
		error = send_by_hand(stream, file, offset, count, piece, progress);
	return error < 0 ? error : release(stream);
}

int stream_tls_send_file(
	struct stream *stream, int file, int64_t offset, int64_t count, _Atomic uint64_t *progress)
{
	size_t size = count > FILE_PIECE ? FILE_PIECE : (size_t)count;
	char *piece;
	int error;

	if (tls_link_is_kernels(stream->tls))
		return send_by_kernel(stream, file, offset, count, progress);
	piece = malloc(size + 1);
	if (!piece)
		return -ENOMEM;
	error = send_gathered(stream, file, offset, count, piece, progress);
	free(piece);
	return error;
}
