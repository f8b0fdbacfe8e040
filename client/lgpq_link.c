#include "client/lgpq_link.h"

#include "client/dial.h"
#include "client/lgpq_bare.h"
#include "client/lgpq_detect.h"
#include "client/route.h"
#include "client/remote.h"

#include <errno.h>
#include <netdb.h>

static int connect_again(struct lgpq_link *link)
{
	int socket, result;

	wire_close(&link->wire);
	socket = dial_connect(link->addresses, link->connect_timeout_ms);
	if (socket < 0)
		return socket;
	link->fresh = true;
	link->unfinished = false;
	result = wire_open(&link->wire, socket, link->patience_ms);
	if (result == 0 && link->route->tls)
		result = wire_secure(&link->wire, link->route->location.server.host,
			link->route->cacert, link->route->insecure);
	return result;
}

/* The first request is a list; its answer tells the mode, and is a catalogue as well. */
static int first_connection(struct remote *remote)
{
	struct lgpq_link *link = &remote->lgpq;
	int result = connect_again(link);

	if (result)
		return result;
	result = lgpq_detect(remote);
	if (result == -ENOTCONN && link->wire.closed && !link->wire.heard) {
		remote->protocol = &lgpq_bare;
		return connect_again(link);
	}
	link->fresh = false;
	if (result == 0)
		remote_catalogue_is_new(remote);
	/* A server that refuses to list may still take files. */
	return remote->protocol && !link->unfinished ? 0 : result;
}

int lgpq_link_open(struct remote *remote, const struct route *route)
{
	struct lgpq_link *link = &remote->lgpq;
	int result;

	*link = (struct lgpq_link){
		.route = route,
		.wire.socket = -1,
		.connect_timeout_ms =
			1000 * (route->timeout_seconds ? route->timeout_seconds
						       : ROUTE_CONNECT_TIMEOUT_SECONDS),
		.patience_ms = 1000 * (route->timeout_seconds ? route->timeout_seconds
							      : ROUTE_PATIENCE_SECONDS),
	};
	result = dial_resolve(
		&link->addresses, route->location.server.host, route->location.server.port);
	if (!result)
		result = first_connection(remote);
	if (result)
		lgpq_link_close(remote);
	return result;
}

bool lgpq_link_fit(struct remote *remote)
{
	return !remote->lgpq.unfinished && wire_at_rest(&remote->lgpq.wire);
}

int lgpq_link_prepare(struct remote *remote)
{
	struct lgpq_link *link = &remote->lgpq;

	if (!lgpq_link_fit(remote)) {
		int result = connect_again(link);

		if (result)
			return result;
	}
	link->wire.heard = false;
	return 0;
}

/* A connection that was idle may die of just that while the request is on its way; then no byte of
 * an answer has come, and the command is worth another try, once. */
bool lgpq_link_again(struct remote *remote, int result)
{
	struct lgpq_link *link = &remote->lgpq;
	bool was_fresh = link->fresh;

	if (link->wire.heard)
		link->fresh = false;
	if (result != -ENOTCONN)
		return false;
	link->unfinished = true;
	return !was_fresh && !link->wire.heard;
}

void lgpq_link_close(struct remote *remote)
{
	struct lgpq_link *link = &remote->lgpq;

	wire_close(&link->wire);
	if (link->addresses)
		freeaddrinfo(link->addresses);
	link->addresses = NULL;
}
