/* A server, whatever protocol it speaks: list, get, put, quit. The connection is made again when it
 * is needed and the old one is gone, so that a server's idle time-out is never seen.
 *
 * All functions return 0 or -errno with the trouble set (client/trouble.h says which errors mean
 * something). An error of a receiver or supplier is returned as it is. */
#ifndef FTPOOL_CLIENT_REMOTE_H
#define FTPOOL_CLIENT_REMOTE_H

#include "client/catalogue.h"
#include "client/protocol.h"
#include "client/wire.h"

#include <stdbool.h>
#include <stdint.h>

struct addrinfo;

struct remote {
	const struct protocol *protocol; /* NULL until the first connection */
	struct addrinfo *addresses;
	int connect_timeout_ms;
	int patience_ms;
	struct wire wire;
	bool unfinished; /* the connection stands in the middle of a reply */
	bool fresh;      /* nothing has come over this connection yet */
	struct catalogue catalogue;
	int64_t catalogue_ms; /* when it came, by clock_ms */
	bool catalogue_known;
};

/* Finds the server, connects and learns what it speaks. Times are in seconds, 0: the default. */
int remote_open(struct remote *remote, const char *host, uint16_t port, int timeout_seconds);

/* Says goodbye if the connection is fit for it. Idempotent. */
void remote_close(struct remote *remote);

/* Makes remote->catalogue at most so old; 0 asks the server in any case. */
int remote_list(struct remote *remote, int64_t age_ms);

/* Gets the bytes from the offset on; -ERANGE if the file is shorter. */
int remote_get(struct remote *remote, const char *name, int64_t offset, struct receiver *receiver);

/* The server's checksum of a file of about that size (it tells how long to wait for it). */
int remote_checksum(struct remote *remote, const char *name, int64_t size, struct receipt *receipt);

/* Puts a file of that size; offset is from where on it would do to send. */
int remote_put(struct remote *remote, const char *name, int64_t size, int64_t offset,
	struct supplier *supplier, struct receipt *receipt);

#endif
