#include "common/clock.h"
#include "worker/patience.h"
#include "worker/stream.h"
#include "worker/stream_tls.h"
#include "worker/tls_link.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

enum { LINGER_READS = 64, FLUSH_LOOK_MS = 2, FLUSH_LOOK_LONGEST_MS = 32, FIN_COUNTS = 1 };

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

	if (stream->tls)
		(void)tls_link_say_end(stream->tls);
	if (shutdown(stream->socket, SHUT_WR) < 0)
		return;
	while (!discard_input(stream) && linger_ms > 0) {
		if (stream_wait(stream, POLLIN, deadline) <= 0)
			return;
	}
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
	if (info.tcpi_state != TCP_CLOSE)
		return 0;
	/* The last acknowledgement and the client's own end may have come between the two looks. */
	return patience_left(stream->socket) <= FIN_COUNTS ? 1 : -ECONNRESET;
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
	int delivered = stream->tls ? stream_tls_say_end(stream) : 0;

	if (delivered < 0)
		return delivered;
	if (shutdown(stream->socket, SHUT_WR) < 0)
		return errno == ENOTCONN ? -ECONNRESET : -errno;
	delivered = is_delivered(stream);
	if (delivered == 0)
		delivered = await_delivery(stream);
	if (delivered > 0 && stream->tls)
		stream_tls_await_end(stream);
	return delivered < 0 ? delivered : 0;
}
