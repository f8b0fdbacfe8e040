#include "worker/ftp/passive_port.h"

#include "worker/stream.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

/* BACKLOG: room for the client even if strangers were faster. TRIES: for a port that the kernel has
 * chosen and somebody else listened on first. */
enum { BACKLOG = 8, TRIES = 16 };

static int open_socket(const struct address *local, bool reuse)
{
	int descriptor = socket(local->family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1;

	if (descriptor < 0)
		return -errno;
	stream_prepare(descriptor);
	/* Ports whose last connection is in TIME_WAIT may be used; one that is listened on not. */
	if (reuse)
		(void)setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	return descriptor;
}

/* 0, or -errno; the socket can be bound no second time then. */
static int listen_on(int descriptor, const struct address *local, uint16_t port)
{
	struct address wanted = *local;
	struct sockaddr_storage place;
	socklen_t size;

	wanted.port = port;
	size = address_to_socket(&wanted, &place);
	if (bind(descriptor, (const struct sockaddr *)&place, size) < 0 ||
		listen(descriptor, BACKLOG) < 0)
		return -errno;
	return 0;
}

static int learn_port(int descriptor, struct address *local)
{
	struct sockaddr_storage place;
	socklen_t size = sizeof(place);
	struct address found;

	if (getsockname(descriptor, (struct sockaddr *)&place, &size) < 0)
		return -errno;
	if (address_from_socket(&found, &place) < 0)
		return -EAFNOSUPPORT;
	local->port = found.port;
	return 0;
}

static int try_port(struct address *local, uint16_t port)
{
	int descriptor = open_socket(local, port != 0);
	int error;

	if (descriptor < 0)
		return descriptor;
	error = listen_on(descriptor, local, port);
	if (error == 0)
		error = learn_port(descriptor, local);
	if (error == 0)
		return descriptor;
	close(descriptor);
	return error;
}

static uint32_t random_below(uint32_t bound)
{
	uint32_t number = 0;

	(void)!getrandom(&number, sizeof(number), GRND_NONBLOCK);
	return number % bound;
}

int passive_port_listen(struct address *local, const struct config_ports *range)
{
	uint32_t count = range->first ? (uint32_t)range->last - range->first + 1 : TRIES;
	uint32_t start = random_below(count);
	int result = -EADDRINUSE;

	for (uint32_t i = 0; i < count && result == -EADDRINUSE; i++) {
		uint32_t port = range->first ? range->first + (start + i) % count : 0;

		result = try_port(local, (uint16_t)port);
	}
	return result;
}
