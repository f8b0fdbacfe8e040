/* What holds a stream's bytes back to the rates of its session, its account and the server. A
 * stream that has none asks nothing and costs nothing.
 *
 * Bytes are drawn from all buckets in small steps before they move, and what did not move is given
 * back at the end. Waiting for a turn hears what is aside, and counts as no standstill of the
 * client. */
#ifndef FTPOOL_WORKER_THROTTLE_H
#define FTPOOL_WORKER_THROTTLE_H

#include "common/bandwidth.h"
#include "worker/session.h"

struct throttle {
	struct bucket *session; /* its bucket for that way */
	struct buckets *shared;
	enum bandwidth_way way;
	uint64_t account;                              /* buckets_number */
	uint64_t session_rate, account_rate, all_rate; /* 0: no limit */
	size_t step;                                   /* bytes drawn at a time */
	size_t drawn;                                  /* and not moved yet */
	int64_t waited_ms;                             /* for turns, in all */
};

/* The name for those who have logged in without an account: no account has it. */
#define THROTTLE_ANONYMOUS ""

/* Holds back all that the session's `stream` sends (or, as an upload, reads) from now on to the
 * rates of an account; NULL is nobody's, which knows no rates of its own. The throttle stays the
 * caller's, until throttle_end, which is due in any case. */
void throttle_begin(struct throttle *throttle, struct stream *stream, struct session *session,
	const char *account, const struct bandwidth *bandwidth, enum bandwidth_way way);
void throttle_end(struct throttle *throttle, struct stream *stream);

/* Waits until some of the bytes may move. How many, at least 1; or -errno as stream_pause. */
ssize_t throttle_wait(struct stream *stream, size_t wanted);

/* So many did. */
void throttle_moved(struct throttle *throttle, size_t bytes);

#endif
