/* The pool: the worker processes. A slot is always in one of five states; the four calls of the
 * master's loop compare what is wished with what is, and are idempotent, so that it does not matter
 * in which order things happen. Used by the master alone.
 *
 * Which slots shall have a worker is wished by generations (pool_want): each worker is born with
 * its generation's birthright, and a generation is replaced by another one beside it. A slot that
 * is not wanted any more keeps its worker until that has left, and is free for the next one then.
 *
 *                 forked          ready           told to leave
 *     vacant  ─────────▶ starting ─────▶ living ─────────▶ leaving
 *       ▲                    │ died         │ died            │ died
 *       │    rest is over    ▼              ▼                 │
 *       └──────────────── resting ◀── (young; a first time,   │
 *       │                             or old: straight to     │
 *       │                             vacant)                 │
 *       └─────────────────────────────────────────────────────┘
 */
#ifndef FTPOOL_SUPERVISOR_POOL_H
#define FTPOOL_SUPERVISOR_POOL_H

#include "common/board.h"
#include "common/channel.h"
#include "common/config.h"
#include "common/tally.h"
#include "supervisor/crashes.h"
#include "worker/worker.h"

#include <poll.h>
#include <stdint.h>
#include <sys/types.h>

enum pool_state { POOL_VACANT, POOL_STARTING, POOL_LIVING, POOL_LEAVING, POOL_RESTING };

extern const char *const pool_state_names[];

struct pool_slot {
	enum pool_state state;
	uint32_t generation;                 /* of its worker */
	const struct birthright *birthright; /* NULL: no worker is wanted here (any more) */
	bool failed;                         /* its last worker died before it was ready */
	bool unseen; /* its worker shows itself on no board that is known here */
	pid_t pid;
	int process;      /* pidfd_open(2), of one that is no child of ours; 0: it is one */
	int channel;      /* -1: none */
	int words;        /* memory for its last words; 0: none */
	int64_t since_ms; /* when its process was forked */
	int64_t rest_until_ms;
	int64_t shot_ms;       /* when the last signal was sent to end it; 0: none */
	bool killed;           /* that was SIGKILL */
	uint32_t young_deaths; /* in a row */
	uint32_t restarts;
};

struct tidings;

struct pool {
	const struct config *config; /* for its worker_timeout; a new one may take its place */
	const struct board *board;
	struct pool_slot *slots; /* [slot_count] */
	uint32_t slot_count;     /* as many as the board has */
	int64_t looked_ms;       /* when the workers were last looked at */
	int64_t awake_since_ms;  /* the master has looked at them regularly since then */
	int64_t wear_looked_ms;  /* when their wear was */
	struct crashes crashes;
	struct tidings *tidings; /* who gives new workers their files; NULL: nobody */
	bool stopping;
	bool ever_ready;
	bool worker_failed_to_start;                    /* some worker died before it was ready */
	char failure[400];                              /* the last reason of that */
	uint64_t buried[BOARD_COUNTERS];                /* counters of dead workers */
	struct tally buried_listeners[BOARD_LISTENERS]; /* the part of them that is a listener's */
	void (*mourner)(void *context, pid_t pid); /* is told of each dead worker; NULL: nobody */
	bool (*stranger)(void *context, pid_t pid, int status, int64_t now_ms); /* NULL: nobody */
	void *stranger_context;
	void (*login_failed)(void *context, const char *report); /* NULL: nobody hears it */
	void *login_failed_context;
};

/* 0 or -ENOMEM; all slots vacant, and none wanted. What it points to must outlive it. */
int pool_open(struct pool *pool, const struct config *config, const struct board *board);
void pool_close(struct pool *pool);

/* Wishes for so many workers more, of that generation, in the first slots that are free. The
 * birthright must outlive the wish; slot and channel in it are filled in for each. 0, or -ENOSPC
 * when so many slots are not free; then nothing is wished. */
int pool_want(struct pool *pool, const struct birthright *birthright, uint32_t generation,
	uint32_t count);

/* Wishes for none of that generation any more. Its workers take no new clients, serve those they
 * have, and leave. */
void pool_retire(struct pool *pool, uint32_t generation);

/* Wishes for none of that generation any more, and ends its workers now. */
void pool_abandon(struct pool *pool, uint32_t generation);

/* Wishes for so many of that generation. More begin at once; of too many, some are retired. 0, or
 * -ENOSPC as pool_want, and then nothing has changed. */
int pool_resize(struct pool *pool, const struct birthright *birthright, uint32_t generation,
	uint32_t count);

/* Another worker takes the place of the one in that slot, which is told to leave: CHANNEL_RETIRE
 * when its clients have, CHANNEL_DRAIN as pool_drain has it. */
void pool_replace_slot(struct pool *pool, struct pool_slot *slot, enum channel_word how);

/* Replaces workers that have reached worker_max_age, worker_max_sessions or worker_max_memory, one
 * after the other. */
void pool_replace_worn(struct pool *pool, int64_t now_ms);

/* Nobody serves, and nobody is about to: all that are wanted rest after crashes. */
bool pool_is_down(const struct pool *pool);

/* Has a worker of that generation died before it was ready? */
bool pool_has_failed(const struct pool *pool, uint32_t generation);

/* The rows of slots that have no process here were written by workers of a master that is gone, and
 * they too: keeps their counters, and wipes them. `used`: what board_slots_used was. */
void pool_wipe_strangers(struct pool *pool, uint32_t used);

/* Tells the board which slots matter, after some were filled in from another program's hands. */
void pool_note_use(const struct pool *pool);

/* Slots that are wanted or have a process: the others are no concern of anybody's. */
bool pool_slot_matters(const struct pool_slot *slot);

/* Buries every dead worker: logs the cause, keeps its counters, wipes its rows. Another child of
 * the master that has died is told to `stranger`, who returns false if it is not his either. */
void pool_reap(struct pool *pool, int64_t now_ms);

/* Ends workers that have shown no life for worker_timeout: SIGABRT, which leaves a backtrace, then
 * SIGKILL; one that survives that is stuck in the kernel and is replaced, not waited for. */
void pool_shoot_stuck(struct pool *pool, int64_t now_ms);

/* Forks a worker into every slot that is vacant, unless the pool stops. */
void pool_fill(struct pool *pool, int64_t now_ms);

/* How long the pool can do without the three calls above, in milliseconds. */
int pool_patience(const struct pool *pool, int64_t now_ms);

/* Fills in one pollfd per slot (for poll(2)) and later takes what they brought. */
void pool_watch(const struct pool *pool, struct pollfd *watches);
void pool_hear(struct pool *pool, const struct pollfd *watches);

/* Tells all workers to finish and leave (`how` as CHANNEL_DRAIN has it); no new ones are made. */
void pool_drain(struct pool *pool, const char *how);

/* Ends all workers now. */
void pool_kill(struct pool *pool);

/* Hands every worker (of that generation) a descriptor, of which the word says what it is. */
enum { POOL_EVERYBODY = 0 }; /* generations count from 1 */
void pool_hand(
	const struct pool *pool, uint32_t generation, enum channel_word word, int descriptor);

/* Tells the worker in a slot something; descriptor -1 for none. 0, -ESRCH when there is no process,
 * or -errno: -EAGAIN from a worker that does not listen any more. */
int pool_tell(const struct pool *pool, uint32_t slot, enum channel_word word, const char *text,
	int descriptor);

/* Has the slot's worker not shown life for some seconds, as a healthy one does each second? */
bool pool_is_silent(const struct pool *pool, uint32_t slot, int64_t now_ms);

uint32_t pool_count(const struct pool *pool, enum pool_state state);

/* The workers of a generation that are ready, and all its processes. */
uint32_t pool_living(const struct pool *pool, uint32_t generation);
uint32_t pool_processes_of(const struct pool *pool, uint32_t generation);

/* May one of its workers still take a new session? A hung one says so for ever. */
bool pool_accepts(const struct pool *pool, uint32_t generation);
uint32_t pool_processes(const struct pool *pool);

/* No worker ever got ready, and every slot has tried. */
bool pool_is_hopeless(const struct pool *pool);

/* Some worker showed life within the worker_timeout, or is being made. */
bool pool_shows_life(const struct pool *pool, int64_t now_ms);

#endif
