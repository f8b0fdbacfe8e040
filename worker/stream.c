#include "worker/stream.h"

#include "common/clock.h"
#include "worker/gang.h"
#include "worker/patience.h"

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
	KEEPALIVE_IDLE_SECONDS = 60,
	KEEPALIVE_INTERVAL_SECONDS = 15,
	KEEPALIVE_PROBES = 4,
	LINGER_READS = 64,
	LOOK_ASIDE_MS = 50,
	SENDFILE_CHUNK = 1 << 20,
	FLUSH_LOOK_MS = 2,
	FLUSH_LOOK_LONGEST_MS = 32,
	FIN_COUNTS = 1,
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
	set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_option(socket, IPPROTO_TCP, TCP_KEEPIDLE, KEEPALIVE_IDLE_SECONDS);
	set_option(socket, IPPROTO_TCP, TCP_KEEPINTVL, KEEPALIVE_INTERVAL_SECONDS);
	set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, KEEPALIVE_PROBES);
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

static int wait_writable(struct stream *stream)
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

/* Reads and forgets what is there: 1 when the client has closed as well (or is gone), 0 if it may
 * still send. */
static int discard_input(const struct stream *stream)
{
	char waste[4096];
	ssize_t got = 1;

	for (int i = 0; i < LINGER_READS && (got > 0 || errno == EINTR); i++)
		got = recv(stream->socket, waste, sizeof(waste), MSG_DONTWAIT);
	return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

void stream_finish(struct stream *stream, int linger_ms)
{
	int64_t deadline = clock_ms() + linger_ms;

	if (shutdown(stream->socket, SHUT_WR) < 0)
		return;
	while (!discard_input(stream) && linger_ms > 0) {
		if (stream_wait(stream, POLLIN, deadline) <= 0)
			return;
	}
}

void stream_close(struct stream *stream)
{
	if (stream->socket >= 0)
		close(stream->socket);
	stream->socket = -1;
	free(stream->input);
	stream->input = NULL;
	stream->input_start = stream->input_end = 0;
}

void stream_say(const struct stream *stream, const char *text, size_t length)
{
	(void)send(stream->socket, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);
}

void stream_shutdown(const struct stream *stream)
{
	(void)shutdown(stream->socket, SHUT_RDWR);
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
	int events = stream_wait(stream, POLLIN, clock_ms() + wait_ms);

	return events > 0 ? 1 : events;
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

ssize_t stream_read(struct stream *stream, void *bytes, size_t size, int wait_ms)
{
	int64_t deadline = clock_ms() + wait_ms;
	ssize_t got = look_aside(stream);

	if (got < 0)
		return got;
	if (stream->input_start < stream->input_end)
		return take_buffered(stream, bytes, size);
	while ((got = receive(stream, bytes, size)) == -EAGAIN) {
		int events = stream_wait(stream, POLLIN, deadline);

		if (events <= 0)
			return events < 0 ? events : -EAGAIN;
	}
	return got;
}

int stream_write(struct stream *stream, const void *bytes, size_t length, bool more)
{
	const char *next = bytes;
	int aside = look_aside(stream);

	while (length > 0 && aside == 0) {
		ssize_t sent = send(stream->socket, next, length,
			MSG_DONTWAIT | MSG_NOSIGNAL | (more ? MSG_MORE : 0));

		if (sent >= 0) {
			next += sent;
			length -= (size_t)sent;
		} else if (errno == EAGAIN) {
			int error = wait_writable(stream);

			if (error < 0)
				return error;
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	return aside;
}

int stream_send_file(
	struct stream *stream, int file, int64_t offset, int64_t count, _Atomic uint64_t *progress)
{
	int aside;

	while (count > 0 && (aside = look_aside(stream)) == 0) {
		size_t chunk = count > SENDFILE_CHUNK ? SENDFILE_CHUNK : (size_t)count;
		ssize_t sent = sendfile(stream->socket, file, &offset, chunk);

		if (sent > 0) {
			count -= sent;
			atomic_fetch_add_explicit(progress, (uint64_t)sent, memory_order_relaxed);
		} else if (sent == 0) {
			return -ENODATA;
		} else if (errno == EAGAIN) {
			int error = wait_writable(stream);

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

/* 1 when all is there, 0 while something is under way, -errno when it went nowhere. Our FIN counts
 * like a byte and comes last; its own acknowledgement, which a kernel puts off until the client
 * closes, is not waited for. What was not acknowledged when the connection closed never will be. */
static int is_delivered(const struct stream *stream)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);

	if (patience_left(stream->socket) <= FIN_COUNTS)
		return 1;
	if (getsockopt(stream->socket, IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
		return -errno;
	return info.tcpi_state == TCP_CLOSE ? -ECONNRESET : 0;
}

/* The kernel tells no one of an acknowledgement, but most clients close right after it. */
static int await_delivery(struct stream *stream)
{
	struct patience patience = patience_begin(stream->socket, stream->stall_ms);
	/* Only aside: a client that has closed would make its socket ready all the time. */
	struct stream nap = {.socket = -1, .gang = stream->gang, .aside = stream->aside};
	struct stream *watched = stream;
	int look_ms = FLUSH_LOOK_MS;
	int delivered = 0;

	while (delivered == 0) {
		int events = stream_wait(watched, POLLIN, clock_ms() + look_ms);

		if (events < 0)
			return events;
		if (events > 0)
			watched = &nap;
		delivered = is_delivered(stream);
		if (delivered == 0 && patience_is_over(&patience))
			return -ETIMEDOUT;
		if (look_ms < FLUSH_LOOK_LONGEST_MS)
			look_ms *= 2;
	}
	return delivered;
}

int stream_deliver(struct stream *stream)
{
	int delivered;

	if (shutdown(stream->socket, SHUT_WR) < 0)
		return errno == ENOTCONN ? -ECONNRESET : -errno;
	delivered = is_delivered(stream);
	if (delivered == 0)
		delivered = await_delivery(stream);
	return delivered < 0 ? delivered : 0;
}
