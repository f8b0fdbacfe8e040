/* What the rooms of one worker share: filled in once by worker.c before the gang starts, constant
 * from then on but for what is marked atomic. */
#ifndef FTPOOL_WORKER_ENGINE_H
#define FTPOOL_WORKER_ENGINE_H

#include "common/board.h"
#include "common/config.h"
#include "worker/events.h"
#include "worker/gang.h"
#include "worker/quota.h"
#include "worker/store.h"

struct account_roots;
struct buckets;
struct bans;
struct protocol;
struct tls;
struct sessions;
struct traces;

struct engine {
	/* A new one may come, which differs in what common/config_change says can change at once:
	 * who needs two values that agree reads it once. The old ones stay where they are. */
	const struct config *_Atomic config;
	const struct board *board;
	uint32_t slot;
	struct board_worker *row; /* this worker's on the board */
	struct store store;       /* the root, with all rights: LGPQ's */
	struct store anonymous;   /* FTP's anonymous account: its root, what it may */
	const int *mounts;        /* descriptors of the config's zones; see account_zones */
	struct account_roots *account_roots;
	const struct bans *bans; /* NULL: nobody is banned */
	int channel;             /* to the master; -1: there is none */
	int questions;           /* to the authenticator; -1: there is none */
	struct events events;
	int xferlog;             /* the transfer log; -1: none is kept */
	int login_delay_ms;      /* before the answer to a first wrong login; doubles with each */
	struct tls *_Atomic tls; /* NULL: there is none; new ones come when files change */
	struct buckets *buckets; /* what all workers' transfers draw from */
	struct ledger *ledger;   /* what lies in trees with a quota; NULL: there are no quotas */
	struct quota store_quota, anonymous_quota; /* the stores' */
	struct gang *gang;
	struct sessions *sessions;
	struct traces *traces; /* NULL: nobody can follow a session */
	_Atomic bool draining; /* accept no more; a session ends with its command */
	_Atomic bool retiring; /* accept no more; a session ends when it asks for nothing */
};

/* Adds to one of this worker's counters. */
static inline void engine_count(const struct engine *engine, enum board_counter counter, uint64_t n)
{
	atomic_fetch_add_explicit(&engine->row->counters[counter], n, memory_order_relaxed);
}

/* The same for what belongs to one of the config's listeners. */
static inline void engine_count_at(
	const struct engine *engine, uint32_t listener, enum board_counter counter, uint64_t n)
{
	atomic_fetch_add_explicit(
		&board_listener(engine->row, listener)->counters[counter], n, memory_order_relaxed);
}

/* The place of a listener's counter, for who adds to it often. */
static inline _Atomic uint64_t *engine_counter(
	const struct engine *engine, uint32_t listener, enum board_counter counter)
{
	return &board_listener(engine->row, listener)->counters[counter];
}

#endif
