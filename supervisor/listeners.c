#include "supervisor/listeners.h"

#include "common/log.h"
#include "supervisor/port_owner.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

/* ---- from systemd ---- */

static bool is_wildcard(const struct address *address)
{
	static const uint8_t nothing[16];

	return memcmp(address->host, nothing, sizeof(nothing)) == 0;
}

/* A socket unit's plain `ListenStream=8888` is [::]:8888 for both families, and so it fits a
 * listener on 0.0.0.0 as well. */
static bool fits(const struct config_listener *listener, const struct address *address)
{
	return address_equal(&listener->address, address) ||
	       (listener->address.port == address->port && is_wildcard(address) &&
		       is_wildcard(&listener->address));
}

static bool take_over(struct listeners *listeners, const struct config *config, int socket)
{
	struct sockaddr_storage bound;
	socklen_t size = sizeof(bound);
	struct address address;

	if (getsockname(socket, (struct sockaddr *)&bound, &size) < 0 ||
		address_from_socket(&address, &bound) < 0)
		return false;
	for (size_t i = 0; i < config->listener_count; i++) {
		if (listeners->sockets[i] < 0 && fits(&config->listeners[i], &address)) {
			listeners->sockets[i] = socket;
			listeners->handed_over++;
			return true;
		}
	}
	return false;
}

static void take_over_all(struct listeners *listeners, const struct config *config)
{
	int count = sd_listen_fds(1);

	for (int i = 0; i < count; i++) {
		int socket = SD_LISTEN_FDS_START + i;

		fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
		if (!take_over(listeners, config, socket)) {
			log_warning("listener: a socket from systemd fits no listener",
				"descriptor=%d advice=\"give ftpool.socket and the config the "
				"same addresses\"",
				socket);
			close(socket);
		}
	}
}

/* ---- our own ---- */

static void complain_bind(const struct config *config, const struct config_listener *listener,
	int error, struct complaints *complaints)
{
	struct origin origin = config_origin(config, "listener", listener->name, "port");
	char text[ADDRESS_TEXT], owner[PORT_OWNER];

	address_format(&listener->address, text);
	if (error == EADDRINUSE && port_owner(owner, &listener->address))
		complain(complaints, origin,
			"listener %s: %s is in use by %s; end it, or choose "
			"another port",
			listener->name, text, owner);
	else if (error == EADDRINUSE)
		complain(complaints, origin,
			"listener %s: %s is in use; `ss -tlnp` as root tells "
			"by whom; choose another port",
			listener->name, text);
	else if (error == EACCES)
		complain(complaints, origin,
			"listener %s: %s: no permission; ports below 1024 need "
			"root or CAP_NET_BIND_SERVICE (ftpool.service has it); or choose a port "
			"from "
			"1024 on",
			listener->name, text);
	else if (error == EADDRNOTAVAIL)
		complain(complaints, origin,
			"listener %s: this machine has no address %s; `ip "
			"address` lists those it has",
			listener->name, text);
	else
		complain(complaints, origin, "listener %s: %s: %s", listener->name, text,
			strerror(error));
}

/* The socket, or -errno. IPv6 sockets are for IPv6 alone, so that :: and 0.0.0.0 can both be there.
 */
static int bind_listener(const struct config_listener *listener)
{
	struct sockaddr_storage address;
	socklen_t size = address_to_socket(&listener->address, &address);
	int yes = 1, error;
	int listening = socket(
		listener->address.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_TCP);

	if (listening < 0)
		return -errno;
	setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (listener->address.family == AF_INET6)
		setsockopt(listening, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
	if (bind(listening, (struct sockaddr *)&address, size) == 0 &&
		listen(listening, (int)listener->backlog) == 0)
		return listening;
	error = errno;
	close(listening);
	return -error;
}

int listeners_bind_missing(
	struct listeners *listeners, const struct config *config, struct complaints *complaints)
{
	unsigned int before = complaints->count;

	for (size_t i = 0; i < config->listener_count; i++) {
		if (listeners->sockets[i] >= 0)
			continue;
		listeners->sockets[i] = bind_listener(&config->listeners[i]);
		if (listeners->sockets[i] < 0)
			complain_bind(
				config, &config->listeners[i], -listeners->sockets[i], complaints);
	}
	return complaints->count == before ? 0 : -1;
}

static int make_room(struct listeners *listeners, size_t count)
{
	*listeners = (struct listeners){0};
	listeners->sockets = calloc(count, sizeof(listeners->sockets[0]));
	if (!listeners->sockets)
		return -ENOMEM;
	listeners->count = count;
	for (size_t i = 0; i < count; i++)
		listeners->sockets[i] = -1;
	return 0;
}

int listeners_open(
	struct listeners *listeners, const struct config *config, struct complaints *complaints)
{
	if (make_room(listeners, config->listener_count) < 0) {
		complain(complaints, (struct origin){config->file, 0}, "out of memory");
		return -1;
	}
	take_over_all(listeners, config);
	if (listeners_bind_missing(listeners, config, complaints) == 0)
		return 0;
	listeners_close(listeners);
	return -1;
}

static bool has(const struct listeners *listeners, int socket)
{
	for (size_t i = 0; i < listeners->count; i++) {
		if (listeners->sockets[i] == socket)
			return true;
	}
	return false;
}

int listeners_inherit(struct listeners *listeners, const struct config *config,
	const struct listeners *before, const struct config *config_before)
{
	if (make_room(listeners, config->listener_count) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < config->listener_count; i++) {
		for (size_t j = 0; j < config_before->listener_count; j++) {
			if (address_equal(&config->listeners[i].address,
				    &config_before->listeners[j].address))
				listeners->sockets[i] = before->sockets[j];
		}
	}
	return 0;
}

int listeners_adopt(
	struct listeners *listeners, const struct config *config, const int *sockets, size_t count)
{
	if (make_room(listeners, config->listener_count) < 0)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		(void)take_over(listeners, config, sockets[i]);
	return 0;
}

void listeners_set_backlog(const struct listeners *listeners, const struct config *config)
{
	for (size_t i = 0; i < listeners->count; i++)
		(void)listen(listeners->sockets[i], (int)config->listeners[i].backlog);
}

void listeners_close_but(struct listeners *listeners, const struct listeners *others)
{
	for (size_t i = 0; i < listeners->count; i++) {
		if (listeners->sockets[i] >= 0 && !has(others, listeners->sockets[i]))
			close(listeners->sockets[i]);
	}
	free(listeners->sockets);
	*listeners = (struct listeners){0};
}

void listeners_close(struct listeners *listeners)
{
	listeners_close_but(listeners, &(struct listeners){0});
}
