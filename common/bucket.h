/* A token bucket: bytes that may move at so many a second, drawn by any number of threads and
 * processes at once. It is one number, the moment at which all that was drawn will have moved at
 * that rate; who draws gets the turn behind all who drew before, so turns are fair, nobody locks,
 * and one who died with his turn has taken no more than that from the others. */
#ifndef FTPOOL_COMMON_BUCKET_H
#define FTPOOL_COMMON_BUCKET_H

#include <stdatomic.h>
#include <stdint.h>

enum {
	BUCKET_BURST_MS = 100,     /* of the rate may move at once after a rest */
	BUCKET_LONGEST_MS = 60000, /* that a turn is away at most, whatever stands in the bucket */
};

/* All zero: nothing was drawn yet. */
struct bucket {
	_Atomic int64_t due_ns; /* CLOCK_MONOTONIC */
};

/* Draws so many bytes (1 to 1 GiB) at a rate (at least 1 a second). When they may move: at
 * once if that is not later than now. */
int64_t bucket_draw(struct bucket *bucket, uint64_t rate, uint64_t bytes, int64_t now_ns);

/* Gives back what was drawn and did not move. */
void bucket_return(struct bucket *bucket, uint64_t rate, uint64_t bytes);

#endif
