/* The master: compares wish with reality, for ever. It touches no client's byte. */
#ifndef FTPOOL_SUPERVISOR_MASTER_H
#define FTPOOL_SUPERVISOR_MASTER_H

#include "common/board.h"
#include "common/config.h"
#include "common/log.h"
#include "supervisor/auth.h"
#include "supervisor/banning.h"
#include "supervisor/certificates.h"
#include "supervisor/listeners.h"
#include "supervisor/lookup.h"
#include "supervisor/pool.h"
#include "supervisor/rates.h"
#include "supervisor/state.h"
#include "supervisor/status.h"
#include "supervisor/traces.h"

#include <stdbool.h>
#include <stdint.h>

struct master {
	const struct config *config;
	struct state state;
	struct board board;
	struct listeners listeners;
	struct pool pool;
	struct auth auth;
	struct lookup lookup;
	struct certificates *certificates; /* the caller's */
	struct buckets *buckets;           /* of all workers' transfers */
	struct banning banning;
	struct status_pipe status;
	struct rates rates;
	struct traces traces;
	int asking;         /* the socket of whose question is being answered */
	int signals;        /* signalfd(2) */
	int64_t since_unix; /* seconds */
	int64_t since_ms;
	bool by_hand;   /* a person started it and watches */
	bool announced; /* said that it serves */
	bool stopping;
	int64_t kill_at_ms; /* while stopping */
};

/* Opens everything the config names. 0, or -1 after complaining; then nothing is open. */
int master_open(struct master *master, const struct config *config,
	struct certificates *certificates, bool by_hand, struct complaints *complaints);

/* Serves until told to stop. The process's exit status: 0, or 1 when no worker could be started. */
int master_run(struct master *master);

void master_close(struct master *master);

/* Begins to stop, as SIGTERM does: sessions that idle are closed, transfers get stop_timeout. */
void master_stop(struct master *master);

/* Opens the log's file again, as SIGHUP does. 0 or -errno. */
int master_reopen_log(struct master *master);

/* The log's level, at once and in all processes. */
void master_set_log_level(struct master *master, enum log_level level);

/* "starting", "serving", "degraded" (some worker slot is empty, or there is no
 * authenticator where one is needed) or "stopping". */
const char *master_state(const struct master *master);

/* The sum of a counter over all workers there are and ever were. */
void master_totals(const struct master *master, uint64_t totals[BOARD_COUNTERS]);

#endif
