#include "client/wire.h"

#include "client/interrupt.h"
#include "client/language.h"
#include "client/progress.h"
#include "client/trouble.h"
#include "client/wire_tls.h"
#include "common/clock.h"

#include <assert.h>
#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TICK_MS = 100, FLUSH_TICK_MS = 5 };

int wire_open(struct wire *wire, int socket, int patience_ms)
{
	*wire = (struct wire){.socket = socket, .patience_ms = patience_ms};
	wire->input = malloc(WIRE_INPUT + 1);
	if (wire->input)
		return 0;
	wire_close(wire);
	return trouble_set(-ENOMEM, "%s", strerror(ENOMEM));
}

void wire_close(struct wire *wire)
{
	wire_tls_free(wire->tls);
	if (wire->socket >= 0)
		close(wire->socket);
	free(wire->input);
	*wire = (struct wire){.socket = -1};
}

/* What poll(2) saw on the socket; 0 after `timeout_ms` of nothing; -ECANCELED. */
static int watch(const struct wire *wire, short events, int timeout_ms)
{
	struct pollfd watched[] = {
		{.fd = wire->socket, .events = events},
		{.fd = interrupt_descriptor(), .events = POLLIN},
	};
	int64_t deadline_ms = clock_ms() + timeout_ms;
	int left_ms = clock_left_ms(deadline_ms);
	int ready;

	for (;;) {
		ready = poll(watched, 2, left_ms < TICK_MS ? left_ms : TICK_MS);
		if (interrupt_pending())
			return trouble_set(-ECANCELED, _("interrupted"));
		if (ready > 0)
			return watched[0].revents;
		left_ms = clock_left_ms(deadline_ms);
		if (left_ms == 0)
			return 0;
		progress_tick();
	}
}

static int silent(const struct wire *wire)
{
	return trouble_set(-ENOTCONN,
		ngettext("the server has been silent for %d second",
			"the server has been silent for %d seconds", wire->patience_ms / 1000),
		wire->patience_ms / 1000);
}

static int lost(int error)
{
	return trouble_set(-ENOTCONN, _("the connection is lost: %s"), strerror(error));
}

int wire_secure(struct wire *wire, const char *host, const char *cacert, bool insecure)
{
	int result = wire_tls_new(&wire->tls, wire->socket, host, cacert, insecure);
	short events;

	if (result)
		return result;
	while ((result = wire_tls_shake(wire->tls, &events)) == -EAGAIN) {
		int seen = watch(wire, events, wire->patience_ms);

		if (seen <= 0)
			return seen < 0 ? seen : silent(wire);
	}
	return result;
}

/* As recv(2) and send(2), but for -errno. */
static ssize_t receive(const struct wire *wire, void *bytes, size_t size)
{
	ssize_t got;

	if (wire->tls)
		return wire_tls_receive(wire->tls, bytes, size);
	got = recv(wire->socket, bytes, size, MSG_DONTWAIT);
	return got < 0 ? -errno : got;
}

static ssize_t send_some(const struct wire *wire, const void *bytes, size_t length)
{
	ssize_t sent;

	if (wire->tls)
		return wire_tls_send(wire->tls, bytes, length);
	sent = send(wire->socket, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL);
	return sent < 0 ? -errno : sent;
}

/* Takes in what the socket has, without waiting. The number of bytes; 0: none yet; -ENOTCONN. */
static ssize_t take_in(struct wire *wire)
{
	ssize_t got;

	if (wire->start == wire->end)
		wire->start = wire->end = 0;
	if (wire->end == WIRE_INPUT) {
		memmove(wire->input, wire->input + wire->start, wire->end - wire->start);
		wire->end -= wire->start;
		wire->start = 0;
	}
	assert(wire->end < WIRE_INPUT);
	got = receive(wire, wire->input + wire->end, WIRE_INPUT - wire->end);
	if (got > 0) {
		wire->end += (size_t)got;
		wire->heard = true;
		return got;
	}
	if (got == -EAGAIN || got == -EINTR)
		return 0;
	wire->closed = true;
	if (got < 0)
		return lost((int)-got);
	return trouble_set(-ENOTCONN, _("the server has closed the connection"));
}

ssize_t wire_await(struct wire *wire, size_t count, int timeout_ms)
{
	int limit_ms = timeout_ms == WIRE_PATIENCE ? wire->patience_ms : timeout_ms;

	assert(count > 0 && count <= WIRE_INPUT);
	while (wire->end - wire->start < count) {
		bool pending = wire->tls && wire_tls_has_pending(wire->tls);
		int seen = pending ? POLLIN : watch(wire, POLLIN, limit_ms);
		ssize_t got = seen > 0 ? take_in(wire) : seen;

		if (got < 0)
			return got;
		if (seen == 0)
			return timeout_ms == WIRE_PATIENCE ? silent(wire) : -EAGAIN;
	}
	return (ssize_t)(wire->end - wire->start);
}

void wire_take(struct wire *wire, size_t count)
{
	assert(count <= wire->end - wire->start);
	wire->start += count;
}

ssize_t wire_line(struct wire *wire, char **line, int timeout_ms)
{
	size_t searched = 0;

	for (;;) {
		size_t here = wire->end - wire->start;
		char *text = wire->input + wire->start;
		char *end = here > searched ? memchr(text + searched, '\n', here - searched) : NULL;
		ssize_t result;

		if (end) {
			*end = '\0';
			*line = text;
			wire->start += (size_t)(end - text) + 1;
			return end - text;
		}
		if (here == WIRE_INPUT)
			return trouble_set(-EPROTO, _("the server sends a line without end"));
		searched = here;
		result = wire_await(wire, here + 1, timeout_ms);
		if (result < 0)
			return result;
	}
}

/* The server's last words may still be there after it has cut the connection. */
static int last_words(struct wire *wire, int error)
{
	while (take_in(wire) > 0) {
		if (wire->end - wire->start == WIRE_INPUT)
			break;
	}
	return wire->end > wire->start ? -EALREADY : lost(error);
}

int wire_send(struct wire *wire, const void *bytes, size_t length)
{
	const char *at = bytes;

	while (length > 0) {
		int seen = watch(wire, POLLIN | POLLOUT, wire->patience_ms);
		ssize_t sent;

		if (seen < 0)
			return seen;
		if (seen == 0)
			return silent(wire);
		if (seen & POLLIN) {
			ssize_t got = take_in(wire);

			if (got)
				return got > 0 ? -EALREADY : (int)got;
		}
		sent = send_some(wire, at, length);
		if (sent < 0 && sent != -EAGAIN && sent != -EINTR)
			return last_words(wire, (int)-sent);
		at += sent > 0 ? sent : 0;
		length -= sent > 0 ? (size_t)sent : 0;
	}
	return 0;
}

int wire_flush(struct wire *wire)
{
	int64_t deadline_ms = clock_ms() + wire->patience_ms;
	int before = 0, queued = 0;

	for (;;) {
		int error = 0;
		socklen_t size = sizeof(error);
		int result;

		if (ioctl(wire->socket, SIOCOUTQ, &queued) < 0 || queued == 0)
			break;
		if (queued != before)
			deadline_ms = clock_ms() + wire->patience_ms;
		before = queued;
		if (clock_left_ms(deadline_ms) == 0)
			return silent(wire);
		result = wire_pause(FLUSH_TICK_MS);
		if (result)
			return result;
		if (getsockopt(wire->socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error)
			return lost(error);
	}
	return 0;
}

int wire_pause(int milliseconds)
{
	int64_t deadline_ms = clock_ms() + milliseconds;

	/* Only the bell is watched: the socket's own events would end the pause. */
	while (clock_left_ms(deadline_ms) > 0) {
		struct pollfd bell = {.fd = interrupt_descriptor(), .events = POLLIN};

		poll(&bell, 1, clock_left_ms(deadline_ms));
		if (interrupt_pending())
			return trouble_set(-ECANCELED, _("interrupted"));
	}
	return 0;
}

bool wire_at_rest(struct wire *wire)
{
	struct pollfd watched = {.fd = wire->socket, .events = POLLIN | POLLRDHUP};

	/* Session tickets have come that nobody asked for, and mean nothing. */
	if (wire->tls && !wire->closed)
		(void)take_in(wire);
	return !wire->closed && wire->socket >= 0 && wire->start == wire->end &&
	       poll(&watched, 1, 0) == 0;
}
