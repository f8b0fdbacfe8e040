/* How fast things go: totals remembered once a second, and their growth over the last ten. */
#ifndef FTPOOL_SUPERVISOR_RATES_H
#define FTPOOL_SUPERVISOR_RATES_H

#include "common/board.h"

enum { RATES_SECONDS = 10 };

struct rates {
	int64_t at_ms[RATES_SECONDS + 1];
	uint64_t totals[RATES_SECONDS + 1][BOARD_COUNTERS];
	unsigned int newest; /* index */
	unsigned int count;  /* entries filled */
};

/* Remembers the totals, if a second has passed since the last ones. */
void rates_note(struct rates *rates, const uint64_t totals[BOARD_COUNTERS], int64_t now_ms);

/* Growth of a counter in one second, over the time remembered; 0 before there are two entries. */
double rates_per_second(const struct rates *rates, enum board_counter counter);

#endif
