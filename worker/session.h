/* Sessions: one per client connection. Between commands a session is parked: a socket in the epoll
 * set and this struct, no thread and no buffer. Whoever takes a parked session owns all of it until
 * it is parked again or closed, so nothing inside is locked. */
#ifndef FTPOOL_WORKER_SESSION_H
#define FTPOOL_WORKER_SESSION_H

#include "common/bandwidth.h"
#include "common/bucket.h"
#include "worker/engine.h"
#include "worker/protocol.h"
#include "worker/stream.h"

#include <pthread.h>

struct transcript;

enum { SESSION_PROTOCOL_BYTES = 32 };

struct session {
	struct watch watch;
	struct stream stream;
	struct engine *engine;
	const struct protocol *protocol;
	const struct config_listener *listener;
	struct board_session *row;
	struct session *next_free;
	_Atomic uint32_t state; /* enum state of session.c */
	_Atomic bool told_to_close;
	_Atomic int64_t kicked_ms;  /* when the operator ended it, or a ban; 0: neither has */
	_Atomic uint32_t kicked_by; /* END_KICKED or END_BANNED */
	char *_Atomic kick_reason;  /* his words; NULL: none */
	int64_t paced_ns; /* clock_ns when the commands that it has run have had their time */
	bool paced;       /* it had to wait for that once */
	_Atomic int64_t resume_ms; /* when it goes on by itself; 0: when its client has sent more */
	_Atomic int64_t probed_ms; /* when its client was asked whether he is there; 0: is not */
	bool watched;              /* stands in the epoll set */
	_Atomic bool asked;        /* has sent something */
	bool begun;                /* its protocol has been told of it */
	uint32_t index;
	_Atomic int64_t idle_since_ms;
	/* How long it may ask for nothing, where its protocol says so; 0: the config's
	 * idle_timeout. */
	_Atomic uint32_t idle_timeout_seconds;
	struct board_activity activity; /* as on the board */
	const char *user;               /* as logged in, whole; NULL: nobody is */
	const char *path;               /* the command's, whole: a client's bytes; NULL: none */
	struct bucket buckets[BANDWIDTH_WAYS];
	int64_t command_us; /* when its command began (clock_us); 0: it idles */
	bool transferred;   /* the command is, or was, a transfer */
	const char
		*trouble; /* what its last command failed by, if that may end it; NULL: nothing */
	struct transcript *transcript;   /* see worker/transcript */
	pthread_mutex_t transcript_lock; /* held for a line at a time */
	/* The protocol's own; all zero at the start. */
	_Alignas(8) char protocol_bytes[SESSION_PROTOCOL_BYTES];
};

/* Prepares room for that many sessions; untouched room costs nothing. NULL: out of memory. */
struct sessions *sessions_new(struct engine *engine, uint32_t capacity);

/* Begins a session on a socket just accepted (taken over; its listener prepared by stream_prepare)
 * from a peer for whom limits_claim has granted one, and serves it until it is parked or closed.
 * false, with nothing taken over, when all rows are in use. */
bool session_begin(struct sessions *sessions, int socket, const struct address *peer,
	uint32_t listener, const struct protocol *protocol);

/* For the monitor thread. Closes parked sessions that have asked for nothing for the idle time-out;
 * while draining all parked ones, but for those so new that their first request may be under way;
 * while retiring, those that have asked for nothing for some seconds.
 * Returns how many sessions are left. */
uint32_t sessions_sweep(struct sessions *sessions);

/* The monitor's other part, for each of its turns: sessions that rest and go on when it is time,
 * and those that are being probed. While sessions_want_ticks it is due each 100 ms. */
void sessions_tick(struct sessions *sessions);
bool sessions_want_ticks(const struct sessions *sessions);

/* Tells every session to end now; those that run are woken from their waits, say their last words
 * and end themselves, or are cut off two seconds later. */
void sessions_cut(struct sessions *sessions);

/* Ends the sessions that an order (END_KICKED) or a ban (END_BANNED, which spares who is exempt)
 * means (a target, as common/target reads it; behind a blank the words for the client): parked ones
 * at once; those that run break off what they do. One that has not ended after two seconds is cut
 * off. How many there were. For the monitor thread. */
uint32_t sessions_kick(struct sessions *sessions, const char *order, enum session_end why);

/* For the owner: it is going to end when he lets go of it, with those last words. */
void session_end_soon(struct session *session, enum session_end why, const char *reason);

/* For a signal handler: writes what the sessions that run have said last. */
void sessions_cry(const struct sessions *sessions, int descriptor);

/* Adds to a counter of this worker, for the session's listener. */
static inline void session_count(
	const struct session *session, enum board_counter counter, uint64_t n)
{
	engine_count_at(session->engine, session->activity.listener, counter, n);
}

/* Rows in use, and all there are. From any thread. */
uint32_t sessions_count(const struct sessions *sessions);
uint32_t sessions_capacity(const struct sessions *sessions);

#endif
