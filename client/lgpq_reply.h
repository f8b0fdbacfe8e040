/* The first line of a reply in LGPQ's framed mode. */
#ifndef FTPOOL_CLIENT_LGPQ_REPLY_H
#define FTPOOL_CLIENT_LGPQ_REPLY_H

#include <stddef.h>
#include <stdint.h>

struct remote;

/* What stands after OK: a number, and behind a TAB whatever the request is answered with. */
struct lgpq_reply {
	int64_t number;
	const char *rest; /* "" if there is none; valid until the wire's next call */
};

/* Reads the line. 0; the refusal as an error of its own with the trouble set (the connection stays
 * usable: remote->unfinished is cleared); -EPROTO for anything else. */
int lgpq_reply_read(struct remote *remote, struct lgpq_reply *reply, int timeout_ms);

#endif
