#include "worker/stream.h"

#include "common/clock.h"
#include "worker/gang.h"
#include "worker/patience.h"
#include "worker/pulse.h"
#include "worker/stream_tls.h"
#include "worker/throttle.h"
#include "worker/tls_link.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
	LOOK_ASIDE_MS = 50,
	GATHER_MS = 1000,
	SENDFILE_CHUNK = 1 << 20,
	FLUSH_LOOK_MS = 2,
	FLUSH_LOOK_LONGEST_MS = 32,
};

static void set_option(int socket, int level, int name, int value)
{
	/* Refused by no kernel for TCP; for the Unix sockets of the unit tests it does not matter.
	 */
	(void)setsockopt(socket, level, name, &value, sizeof(value));
}

void stream_prepare(int socket)
{
	set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
	pulse_keep(socket);
}

void stream_adopt(struct stream *stream, int socket, int stall_ms, struct gang *gang)
{
	*stream = (struct stream){.socket = socket, .stall_ms = stall_ms, .gang = gang};
}

/* One look at the socket and what is beside it, up to the deadline. */
static int poll_both(struct stream *stream, struct pollfd watches[2], int64_t deadline_ms)
{
	const struct stream_aside *aside = stream->aside;
	int ready;

	watches[1] = (struct pollfd){
		.fd = aside ? aside->socket : -1, .events = aside ? aside->events : 0};
	do {
		ready = poll(watches, aside ? 2 : 1, clock_left_ms(deadline_ms));
	} while (ready < 0 && errno == EINTR);
	return ready < 0 ? -errno : ready;
}

int stream_wait(struct stream *stream, short events, int64_t deadline_ms)
{
	struct pollfd watches[2] = {{.fd = stream->socket, .events = events}};
	int result;

	gang_leave(stream->gang);
	do {
		result = poll_both(stream, watches, deadline_ms);
		if (result > 0 && watches[1].revents)
			result = stream->aside->ready(stream->aside, watches[1].revents);
		else if (result == 0)
			break;
	} while (result >= 0 && watches[0].revents == 0);
	gang_rejoin(stream->gang);
	return result < 0 ? result : watches[0].revents;
}

/* Work that never has to wait looks aside now and then as well. 0 or the aside's -errno. */
static int look_aside(struct stream *stream)
{
	struct pollfd watch;
	int64_t now;

	if (!stream->aside)
		return 0;
	now = clock_ms();
	if (now - stream->looked_aside_ms < LOOK_ASIDE_MS)
		return 0;
	stream->looked_aside_ms = now;
	watch = (struct pollfd){.fd = stream->aside->socket, .events = stream->aside->events};
	if (poll(&watch, 1, 0) <= 0)
		return 0;
	return stream->aside->ready(stream->aside, watch.revents);
}

int stream_wait_writable(struct stream *stream)
{
	struct patience patience = patience_begin(stream->socket, stream->stall_ms);
	int events;

	do {
		events = stream_wait(stream, POLLOUT, patience.until_ms);
	} while (events == 0 && !patience_is_over(&patience));
	if (events < 0)
		return events;
	return events == 0 ? -ETIMEDOUT : 0;
}

void stream_close(struct stream *stream)
{
	tls_link_free(stream->tls);
	stream->tls = NULL;
	if (stream->socket >= 0)
		close(stream->socket);
	stream->socket = -1;
	free(stream->input);
	stream->input = NULL;
	stream->input_start = stream->input_end = 0;
	free(stream->posted);
	stream->posted = NULL;
	stream->posted_length = 0;
}

void stream_say(const struct stream *stream, const char *text, size_t length)
{
	if (stream->posted_length > 0)
		return;
	if (!stream->tls)
		(void)send(stream->socket, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);
	else if (stream->tls->established)
		(void)tls_link_send(stream->tls, text, length, false);
}

void stream_shutdown(const struct stream *stream)
{
	(void)shutdown(stream->socket, SHUT_RDWR);
}

void stream_shutdown_input(const struct stream *stream)
{
	(void)shutdown(stream->socket, SHUT_RD);
}

void stream_rest(struct stream *stream)
{
	if (stream->input_start < stream->input_end)
		return;
	free(stream->input);
	stream->input = NULL;
	stream->input_start = stream->input_end = 0;
}

const char *stream_peek(const struct stream *stream, size_t *length)
{
	*length = stream->input_end - stream->input_start;
	return stream->input ? stream->input + stream->input_start : "";
}

void stream_take(struct stream *stream, size_t length)
{
	assert(length <= stream->input_end - stream->input_start);
	stream->input_start += (uint32_t)length;
	if (stream->input_start == stream->input_end)
		stream->input_start = stream->input_end = 0;
}

static ssize_t receive(const struct stream *stream, void *bytes, size_t size)
{
	ssize_t got;

	if (stream->tls)
		return tls_link_receive(stream->tls, bytes, size);
	do {
		got = recv(stream->socket, bytes, size, MSG_DONTWAIT);
	} while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

static int make_room(struct stream *stream)
{
	size_t held = stream->input_end - stream->input_start;

	if (!stream->input) {
		stream->input = malloc(STREAM_BUFFER);
		if (!stream->input)
			return -ENOMEM;
	}
	if (held == STREAM_BUFFER)
		return -ENOBUFS;
	if (stream->input_start > 0) {
		memmove(stream->input, stream->input + stream->input_start, held);
		/* It may be half a password, and is taken from one place alone. */
		explicit_bzero(stream->input + held, stream->input_end - held);
		stream->input_start = 0;
		stream->input_end = (uint32_t)held;
	}
	return 0;
}

ssize_t stream_fill(struct stream *stream)
{
	ssize_t got = make_room(stream);

	if (got < 0)
		return got;
	got = receive(stream, stream->input + stream->input_end, STREAM_BUFFER - stream->input_end);
	if (got > 0)
		stream->input_end += (uint32_t)got;
	return got;
}

int stream_wait_input(struct stream *stream, int wait_ms)
{
	int events;

	if (stream_has_pending(stream))
		return 1;
	events = stream_wait(stream, POLLIN, clock_ms() + wait_ms);
	return events > 0 ? 1 : events;
}

/* How many of the bytes may move now. At least 1, or -errno. */
static ssize_t allow(struct stream *stream, size_t wanted)
{
	return stream->throttle ? throttle_wait(stream, wanted) : (ssize_t)wanted;
}

static void note_moved(const struct stream *stream, ssize_t bytes)
{
	if (stream->throttle && bytes > 0)
		throttle_moved(stream->throttle, (size_t)bytes);
}

static ssize_t take_buffered(struct stream *stream, void *bytes, size_t size)
{
	size_t held;
	const char *input = stream_peek(stream, &held);

	if (held > size)
		held = size;
	memcpy(bytes, input, held);
	stream_take(stream, held);
	return (ssize_t)held;
}

void stream_gather(struct stream *stream, int bytes)
{
	set_option(stream->socket, SOL_SOCKET, SO_RCVLOWAT, bytes);
	stream->gathers = true;
}

/* Until there is something to read, or time to look for the little that does not wake one. */
static int wait_readable(struct stream *stream, int64_t deadline_ms)
{
	int64_t now = clock_ms();
	bool soon = stream->gathers && deadline_ms - now > GATHER_MS;
	int events = stream_wait(stream, POLLIN, soon ? now + GATHER_MS : deadline_ms);

	return events == 0 && soon ? POLLIN : events;
}

static ssize_t read_some(struct stream *stream, void *bytes, size_t size, int wait_ms)
{
	int64_t deadline = clock_ms() + wait_ms;
	ssize_t got;

	if (stream->input_start < stream->input_end)
		return take_buffered(stream, bytes, size);
	while ((got = receive(stream, bytes, size)) == -EAGAIN) {
		int events = wait_readable(stream, deadline);

		if (events <= 0)
			return events < 0 ? events : -EAGAIN;
	}
	if (got > 0)
		stream_note_moved(stream);
	return got;
}

ssize_t stream_read(struct stream *stream, void *bytes, size_t size, int wait_ms)
{
	ssize_t got = look_aside(stream);

	if (got == 0)
		got = allow(stream, size);
	if (got <= 0)
		return got;
	got = read_some(stream, bytes, (size_t)got, wait_ms);
	note_moved(stream, got);
	return got;
}

ssize_t stream_send_some(const struct stream *stream, const char *bytes, size_t length, bool more)
{
	ssize_t sent;

	if (stream->tls)
		return tls_link_send(stream->tls, bytes, length, more);
	sent = send(
		stream->socket, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL | (more ? MSG_MORE : 0));
	return sent < 0 ? -errno : sent;
}

int stream_write(struct stream *stream, const void *bytes, size_t length, bool more)
{
	const char *next = bytes;
	int aside = look_aside(stream);

	while (length > 0 && aside == 0) {
		ssize_t sent = allow(stream, length);

		if (sent < 0)
			return (int)sent;
		sent = stream_send_some(stream, next, (size_t)sent, more);
		if (sent >= 0) {
			stream_note_moved(stream);
			next += sent;
			length -= (size_t)sent;
			note_moved(stream, sent);
		} else if (sent == -EAGAIN) {
			int error = stream_wait_writable(stream);

			if (error < 0)
				return error;
		} else if (sent != -EINTR) {
			return (int)sent;
		}
	}
	return aside;
}

int stream_send_file(
	struct stream *stream, int file, int64_t offset, int64_t count, _Atomic uint64_t *progress)
{
	int aside;

	if (stream->tls)
		return stream_tls_send_file(stream, file, offset, count, progress);
	while (count > 0 && (aside = look_aside(stream)) == 0) {
		ssize_t sent =
			allow(stream, count > SENDFILE_CHUNK ? SENDFILE_CHUNK : (size_t)count);

		if (sent < 0)
			return (int)sent;
		sent = sendfile(stream->socket, file, &offset, (size_t)sent);
		if (sent > 0) {
			stream_note_moved(stream);
			count -= sent;
			note_moved(stream, sent);
			stream_count(stream, progress, (uint64_t)sent);
		} else if (sent == 0) {
			return -ENODATA;
		} else if (errno == EAGAIN) {
			int error = stream_wait_writable(stream);

			if (error < 0)
				return error;
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	return count > 0 ? aside : 0;
}

int stream_pause(struct stream *stream, int wait_ms)
{
	int events = stream_wait(stream, 0, clock_ms() + wait_ms);

	if (events < 0)
		return events;
	return events & (POLLHUP | POLLERR) ? -ECONNRESET : 0;
}

/* The kernel tells no one when the last byte is acknowledged, so this looks: soon at first, then
 * less often. */
int stream_flush(struct stream *stream)
{
	struct patience patience = patience_begin(stream->socket, stream->stall_ms);
	int look_ms = FLUSH_LOOK_MS;

	while (patience_left(stream->socket) > 0) {
		int error = stream_pause(stream, look_ms);

		if (error < 0)
			return error;
		if (patience_is_over(&patience))
			return -ETIMEDOUT;
		if (look_ms < FLUSH_LOOK_LONGEST_MS)
			look_ms *= 2;
	}
	return 0;
}
