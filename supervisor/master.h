/* The master: compares wish with reality, for ever. It touches no client's byte.
 *
 *     master              the loop, signals, the stop
 *     master_log          where all of them log, and how much
 *     master_open         everything it holds, from its first moment to its last
 *     master_adopt        the same from the hands of another program (upgrade)
 *     master_generations  one generation takes another one's place
 *     master_workers      how many workers, and what becomes of clients when there is none */
#ifndef FTPOOL_SUPERVISOR_MASTER_H
#define FTPOOL_SUPERVISOR_MASTER_H

#include "common/board.h"
#include "common/config.h"
#include "common/log.h"
#include "supervisor/banning.h"
#include "supervisor/generation.h"
#include "supervisor/handover.h"
#include "supervisor/pool.h"
#include "supervisor/quotas.h"
#include "supervisor/rates.h"
#include "supervisor/reload.h"
#include "supervisor/state.h"
#include "supervisor/scrape.h"
#include "supervisor/status.h"
#include "supervisor/tidings.h"
#include "supervisor/traces.h"
#include "supervisor/upgrade.h"

#include <stdbool.h>
#include <stdint.h>

/* How the program was started: what a reload reads again. */
struct launch {
	const struct config_request *request;
	char **argv;         /* the command line */
	const char *program; /* the path of this program */
	bool by_hand;        /* a person started it and watches */
};

struct master {
	const struct config *config; /* of the generation that serves */
	const struct launch *launch;
	struct state state;
	struct board board;
	struct ticket_keys *tickets;
	struct pool pool;
	struct buckets *buckets; /* of all workers' transfers */
	struct banning banning;
	struct tidings tidings;
	struct birthright shared;       /* what workers of all generations are born with */
	struct generation *generations; /* all, the newest first */
	struct generation *serving;     /* NULL only while it is opened or closed */
	struct generation *coming;      /* is being started in its place; NULL: none */
	uint32_t generation_count;      /* so many there ever were */
	struct reload reload;
	struct upgrade upgrade;
	struct handover handover; /* while there is a way back to the program before */
	struct quotas quotas;
	struct status_pipe status;
	struct rates rates;
	struct traces traces;
	struct scrape scrape;
	int asking;         /* the socket of whose question is being answered */
	uint32_t workers;   /* so many are wished for: the config's, until somebody orders others */
	bool refusing;      /* no worker can serve, and it answers itself */
	uint64_t refused;   /* since then */
	int signals;        /* signalfd(2) */
	int64_t since_unix; /* seconds */
	int64_t since_ms;
	bool announced; /* said that it serves */
	bool stopping;
	int64_t kill_at_ms; /* while stopping */
};

/* Takes over the first generation, of which config and certificates are there, and the keys of
 * session tickets; opens everything that the config names. 0, or -1 after complaining; then nothing
 * is open.
 */
int master_open(struct master *master, struct generation *first, struct ticket_keys *tickets,
	const struct launch *launch, struct complaints *complaints);

/* The same for a program that has taken over from another one, or got back: `own` is the generation
 * to come, or the one that serves again. On trial it shows that it could, and no more. 0, or -1
 * after complaining; then nothing has changed for anybody, and nothing of it may be closed, for
 * there is a way back. */
int master_adopt(struct master *master, struct generation *own, struct ticket_keys *tickets,
	const struct launch *launch, const struct handover *handover,
	struct complaints *complaints);

/* Parts of both. */
int master_make_board(struct master *master);
int master_open_processes(struct master *master);

/* Serves until told to stop. The process's exit status: 0, or 1 when no worker could be started. */
int master_run(struct master *master);

void master_close(struct master *master);

/* Begins to stop, as SIGTERM does: sessions that idle are closed, transfers get stop_timeout. */
void master_stop(struct master *master);

/* Stops without waiting for what runs, which is told so; also while it is stopping. */
void master_stop_now(struct master *master);

/* While it stops, the seconds that transfers still have. */
int64_t master_patience_seconds(const struct master *master);

/* Sessions and transfers of all workers. */
void master_load(const struct master *master, uint64_t *sessions, uint64_t *transfers);

/* Opens the log's file again, as SIGHUP does. 0 or -errno. */
int master_reopen_log(struct master *master);

/* Wishes for so many workers until the config says otherwise. 0, or -ENOSPC. */
int master_set_workers(struct master *master, uint32_t count);

/* Answers clients itself while no worker can serve. */
void master_refuse(struct master *master);

/* The log's level, at once and in all processes. */
void master_set_log_level(struct master *master, enum log_level level);
/* Makes a generation that is prepared the one that is coming, and wishes for its workers. 0, or
 * -ENOSPC when those that still leave have taken all slots; then it is not the master's. */
int master_begin_generation(struct master *master, struct generation *generation);

/* The coming one serves from now on, and the one before retires. */
void master_switch_generation(struct master *master);

/* The coming one is given up. */
void master_abandon_generation(struct master *master);

/* Frees a generation of which no process is left. */
void master_drop_generation(struct master *master, struct generation *generation);

/* Closes the master's side of all listening sockets. */
void master_close_listeners(struct master *master);

/* What the serving generation's config says at once, such as the log's place and level: obeys it,
 * and tells the workers. */
void master_obey_config(struct master *master);

/* "starting", "serving", "degraded" (some worker slot is empty, or there is no
 * authenticator where one is needed) or "stopping". */
const char *master_state(const struct master *master);

/* The sum of a counter over all workers there are and ever were. */
void master_totals(const struct master *master, uint64_t totals[BOARD_COUNTERS]);

#endif
