/* The host names in the config's passive.address: looked up at the start and again every five
 * minutes, and put on the board. The master never waits for a name server: each name has a child of
 * its own, which has given up every privilege, ends itself when that takes too long, and is buried
 * by the pool like any process that is no worker. A name that cannot be looked up keeps the address
 * it had; one that has none is tried again sooner. */
#ifndef FTPOOL_SUPERVISOR_LOOKUP_H
#define FTPOOL_SUPERVISOR_LOOKUP_H

#include "common/board.h"
#include "common/config.h"

struct lookup {
	const struct config *config;
	const struct board *board;
	int64_t begun_ms; /* 0: never */
};

/* What it points to must outlive it. */
void lookup_init(struct lookup *lookup, const struct config *config, const struct board *board);

/* Takes over what another config's names mean, as far as they are the same. */
void lookup_inherit(const struct lookup *lookup, const struct lookup *before);

/* Begins to look up what it is time for. Idempotent; for the master's loop. */
void lookup_tend(struct lookup *lookup, int64_t now_ms);

#endif
