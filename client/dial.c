#include "client/dial.h"

#include "client/interrupt.h"
#include "client/language.h"
#include "client/trouble.h"
#include "common/address.h"
#include "common/clock.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int dial_resolve(struct addrinfo **addresses, const char *host, uint16_t port)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICSERV};
	char service[8];
	int error;

	snprintf(service, sizeof(service), "%u", port);
	error = getaddrinfo(host, service, &hints, addresses);
	if (error)
		return trouble_set(-ENOTCONN, _("cannot find the host %s: %s"), host,
			error == EAI_SYSTEM ? strerror(errno) : gai_strerror(error));
	return 0;
}

static int await_connected(int descriptor, int timeout_ms)
{
	struct pollfd watched[] = {
		{.fd = descriptor, .events = POLLOUT},
		{.fd = interrupt_descriptor(), .events = POLLIN},
	};
	int64_t deadline_ms = clock_ms() + timeout_ms;
	socklen_t length = sizeof(int);
	int error = 0;

	do {
		if (interrupt_pending())
			return -ECANCELED;
		if (clock_left_ms(deadline_ms) == 0)
			return -ETIMEDOUT;
	} while (poll(watched, 2, clock_left_ms(deadline_ms)) <= 0 || !watched[0].revents);
	getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length);
	return -error;
}

/* A connected socket or -errno. */
static int try_address(const struct addrinfo *to, int timeout_ms)
{
	int descriptor, on = 1, result = 0;

	descriptor = socket(to->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (descriptor < 0)
		return -errno;
	/* Requests are small and pauses mean something in bare mode: nothing may linger here. */
	setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	if (connect(descriptor, to->ai_addr, to->ai_addrlen) < 0)
		result = errno == EINPROGRESS ? await_connected(descriptor, timeout_ms) : -errno;
	if (result) {
		close(descriptor);
		return result;
	}
	return descriptor;
}

/* "192.0.2.1:8888: Connection refused", added to the reasons so far. */
static void add_reason(char *reasons, size_t size, const struct addrinfo *to, int error)
{
	struct sockaddr_storage socket_address = {0};
	struct address address;
	char text[ADDRESS_TEXT] = "?";
	size_t used = strlen(reasons);

	memcpy(&socket_address, to->ai_addr, to->ai_addrlen);
	if (address_from_socket(&address, &socket_address) == 0)
		address_format(&address, text);
	snprintf(reasons + used, size - used, "%s%s: %s", used ? "; " : "", text, strerror(-error));
}

int dial_connect(const struct addrinfo *addresses, int timeout_ms)
{
	char reasons[1024] = "";

	for (const struct addrinfo *to = addresses; to; to = to->ai_next) {
		int result = try_address(to, timeout_ms);

		if (result >= 0)
			return result;
		if (result == -ECANCELED)
			return trouble_set(-ECANCELED, _("interrupted"));
		add_reason(reasons, sizeof(reasons), to, result);
	}
	return trouble_set(-ENOTCONN, _("cannot connect: %s"), reasons);
}
