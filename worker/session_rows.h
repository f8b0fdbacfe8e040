/* What the rooms of the sessions know of all of them. Private to them: session (beginning, parking,
 * serving, the end), session_monitor (what the monitor thread does to sessions of others),
 * session_room (sessions whose client is gone make room). */
#ifndef FTPOOL_WORKER_SESSION_ROWS_H
#define FTPOOL_WORKER_SESSION_ROWS_H

#include "worker/session.h"

#include <pthread.h>

/* PARKED → RUNNING: by whoever succeeds in the exchange; he owns the session.
 * RUNNING → PARKING → PARKED: the owner lets go. PARKING is the time between saying so and having
 * armed the epoll watch: an event that comes then makes it WOKEN, and the owner goes on himself. */
enum session_state { STATE_FREE, STATE_PARKED, STATE_RUNNING, STATE_PARKING, STATE_WOKEN };

struct sessions {
	struct engine *engine;
	struct session *all; /* [capacity] */
	uint32_t capacity;
	_Atomic uint32_t highest; /* rows below it have been used */
	_Atomic uint32_t count;
	_Atomic uint32_t resting; /* sessions that go on by themselves */
	int64_t probing_until_ms; /* the monitor's: sessions are being probed */
	pthread_mutex_t free_lock;
	struct session *free;
	/* Held while a session's socket is closed, and while somebody else shuts one down, so that
	 * the shutdown never meets a number that means another socket already. */
	pthread_mutex_t close_lock;
};

/* A client that was let in just before we began to drain would otherwise lose its request, whatever
 * takes our place. */
bool session_may_still_ask(const struct session *session);

/* Says what the protocol has for that end, and why the operator wanted it if he did. */
void session_say_farewell(struct session *session, enum session_end why);

/* For the monitor: takes a parked session up again. */
void session_wake(struct session *session);

/* For the monitor: what has become of the sessions that are being probed. */
void sessions_look_at_probed(struct sessions *sessions, int64_t now_ms);

/* An end's name, for the log. */
const char *session_end_name(enum session_end why);

/* Why sessions of a worker that leaves end. */
enum session_end session_leave(const struct engine *engine);

/* For the owner: closes it. The reason is for the log. */
void session_close(struct session *session, const char *reason);

#endif
