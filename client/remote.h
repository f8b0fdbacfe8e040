/* A server, whatever protocol it speaks: list, get, put, close. The connection is made again when
 * it is needed and the old one is gone, so that a server's idle time-out is never seen.
 *
 * All functions return 0 or -errno with the trouble set (client/trouble.h says which errors mean
 * something). An error of a receiver or supplier is returned as it is. */
#ifndef FTPOOL_CLIENT_REMOTE_H
#define FTPOOL_CLIENT_REMOTE_H

#include "client/catalogue.h"
#include "client/lgpq_link.h"
#include "client/protocol.h"

#include <stdbool.h>
#include <stdint.h>

struct ftp_link;
struct route;

struct remote {
	const struct protocol *protocol;
	union { /* the connection, which is the protocol's own */
		struct lgpq_link lgpq;
		struct ftp_link *ftp;
	};
	struct catalogue catalogue;
	int64_t catalogue_ms; /* when it came, by clock_ms */
	bool catalogue_known;
};

/* Finds the server, connects and learns what it can. After an error
 * there is nothing to close. */
int remote_open(struct remote *remote, const struct route *route);

/* Says goodbye if the connection is fit for it. */
void remote_close(struct remote *remote);

/* Makes remote->catalogue at most so old; 0 asks the server in any case. */
int remote_list(struct remote *remote, int64_t age_ms);

/* For protocols: remote->catalogue has just come. */
void remote_catalogue_is_new(struct remote *remote);

/* Gets the bytes from the offset on; -ERANGE if the file is shorter. */
int remote_get(struct remote *remote, const char *name, int64_t offset, struct receiver *receiver);

/* What the server says about a file of about that size (it tells how long to wait for it). */
int remote_confirm(struct remote *remote, const char *name, int64_t size, struct receipt *receipt);

/* Puts a file of that size; offset is from where on it would do to send. */
int remote_put(struct remote *remote, const char *name, int64_t size, int64_t offset,
	struct supplier *supplier, struct receipt *receipt);

#endif
