/* What dead workers have done, listener by listener: the numbers of their rows on the board, added
 * up. A plain struct without pointers, so that it can be kept and handed on as it is. */
#ifndef FTPOOL_COMMON_TALLY_H
#define FTPOOL_COMMON_TALLY_H

#include "common/board.h"

struct tally_histogram {
	uint64_t buckets[BOARD_BUCKETS];
	uint64_t sum_us;
};

struct tally {
	uint64_t counters[BOARD_COUNTERS];
	struct tally_histogram latencies[BOARD_LATENCIES];
};

/* Adds what the row shows now. */
void tally_add(struct tally *tally, const struct board_listener *row);

/* The same for each of a worker's rows. */
void tally_add_worker(struct tally tallies[BOARD_LISTENERS], const struct board_worker *worker);

#endif
