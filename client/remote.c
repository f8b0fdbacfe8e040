#include "client/remote.h"

#include "client/lgpq_bare.h"
#include "client/lgpq_detect.h"
#include "client/dial.h"
#include "client/language.h"
#include "client/trouble.h"
#include "common/clock.h"

#include <assert.h>
#include <errno.h>
#include <netdb.h>

enum { CONNECT_TIMEOUT_SECONDS = 10, PATIENCE_SECONDS = 60 };

static int connect_again(struct remote *remote)
{
	int socket;

	wire_close(&remote->wire);
	socket = dial_connect(remote->addresses, remote->connect_timeout_ms);
	if (socket < 0)
		return socket;
	remote->fresh = true;
	remote->unfinished = false;
	return wire_open(&remote->wire, socket, remote->patience_ms);
}

static void catalogue_is_new(struct remote *remote)
{
	remote->catalogue_known = true;
	remote->catalogue_ms = clock_ms();
}

/* The first request is a list; its answer tells the protocol, and is a catalogue as well. */
static int first_connection(struct remote *remote)
{
	int result = connect_again(remote);

	if (result)
		return result;
	result = lgpq_detect(remote);
	if (result == -ENOTCONN && remote->wire.closed && !remote->wire.heard) {
		remote->protocol = &lgpq_bare;
		return connect_again(remote);
	}
	remote->fresh = false;
	if (result == 0)
		catalogue_is_new(remote);
	/* A server that refuses to list may still take files. */
	return remote->protocol && !remote->unfinished ? 0 : result;
}

int remote_open(struct remote *remote, const char *host, uint16_t port, int timeout_seconds)
{
	int result;

	*remote = (struct remote){
		.wire.socket = -1,
		.connect_timeout_ms =
			1000 * (timeout_seconds ? timeout_seconds : CONNECT_TIMEOUT_SECONDS),
		.patience_ms = 1000 * (timeout_seconds ? timeout_seconds : PATIENCE_SECONDS),
	};
	result = dial_resolve(&remote->addresses, host, port);
	if (!result)
		result = first_connection(remote);
	if (result)
		remote_close(remote);
	return result;
}

void remote_close(struct remote *remote)
{
	if (remote->protocol && !remote->unfinished && wire_at_rest(&remote->wire))
		remote->protocol->quit(remote);
	wire_close(&remote->wire);
	catalogue_clear(&remote->catalogue);
	if (remote->addresses)
		freeaddrinfo(remote->addresses);
	remote->addresses = NULL;
}

/* Before each command: a connection that is fit for it. */
static int make_ready(struct remote *remote)
{
	assert(remote->protocol);
	if (remote->unfinished || !wire_at_rest(&remote->wire)) {
		int result = connect_again(remote);

		if (result)
			return result;
	}
	remote->wire.heard = false;
	return 0;
}

/* After each command. A connection that was idle may die of just that while the request is on its
 * way; then no byte of an answer has come, and the command is worth another try, once. */
static bool try_again(struct remote *remote, int result)
{
	bool was_fresh = remote->fresh;

	if (remote->wire.heard)
		remote->fresh = false;
	if (result != -ENOTCONN)
		return false;
	remote->unfinished = true;
	return !was_fresh && !remote->wire.heard;
}

int remote_list(struct remote *remote, int64_t age_ms)
{
	int result;

	if (remote->catalogue_known && clock_ms() - remote->catalogue_ms < age_ms)
		return 0;
	do {
		result = make_ready(remote);
		if (result)
			return result;
		catalogue_clear(&remote->catalogue);
		remote->catalogue_known = false;
		result = remote->protocol->list(remote, &remote->catalogue);
	} while (try_again(remote, result));
	if (result == 0)
		catalogue_is_new(remote);
	return result;
}

int remote_get(struct remote *remote, const char *name, int64_t offset, struct receiver *receiver)
{
	int result;

	do {
		result = make_ready(remote);
		if (result)
			return result;
		result = remote->protocol->get(remote, name, offset, receiver);
	} while (try_again(remote, result));
	return result;
}

int remote_checksum(struct remote *remote, const char *name, int64_t size, struct receipt *receipt)
{
	int result;

	do {
		result = make_ready(remote);
		if (result)
			return result;
		result = remote->protocol->checksum(remote, name, size, receipt);
	} while (try_again(remote, result));
	return result;
}

int remote_put(struct remote *remote, const char *name, int64_t size, int64_t offset,
	struct supplier *supplier, struct receipt *receipt)
{
	int result;

	do {
		result = make_ready(remote);
		if (result)
			return result;
		result = remote->protocol->put(remote, name, size, offset, supplier, receipt);
	} while (try_again(remote, result));
	remote->catalogue_known = false;
	return result;
}
