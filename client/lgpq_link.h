/* The connection of both modes of LGPQ: one socket, made again when it is needed and the old one is
 * gone or stands in the middle of a reply. */
#ifndef FTPOOL_CLIENT_LGPQ_LINK_H
#define FTPOOL_CLIENT_LGPQ_LINK_H

#include "client/wire.h"

#include <stdbool.h>

struct addrinfo;
struct route;
struct remote;

struct lgpq_link {
	struct addrinfo *addresses;
	const struct route *route;
	int connect_timeout_ms;
	int patience_ms;
	struct wire wire;
	bool unfinished; /* the connection stands in the middle of a reply */
	bool fresh;      /* nothing has come over this connection yet */
};

/* Finds the server, connects and learns which mode it speaks; sets remote->protocol, and may fill
 * the catalogue. 0, or -errno with the trouble set and nothing left open. */
int lgpq_link_open(struct remote *remote, const struct route *route);

/* The connection is fit for a request. */
bool lgpq_link_fit(struct remote *remote);

/* The parts of struct protocol that the two modes share. A mode's own `close` says goodbye first.
 */
int lgpq_link_prepare(struct remote *remote);
bool lgpq_link_again(struct remote *remote, int result);
void lgpq_link_close(struct remote *remote);

#endif
