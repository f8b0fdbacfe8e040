/* Patience with a client's side that has yet to take what was sent: as long as bytes move, however
 * few, it begins anew. What moves is seen by what has been acknowledged, since the kernel calls a
 * socket writable only when a third of its buffer is free, and tells nobody of a last byte. */
#ifndef FTPOOL_WORKER_PATIENCE_H
#define FTPOOL_WORKER_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

struct patience {
	int socket;
	int stall_ms; /* without a byte moving */
	int left;
	int64_t until_ms; /* CLOCK_MONOTONIC; a time to look again */
};

/* The bytes that the other side has not acknowledged yet (SIOCOUTQ, tcp(7)). */
int patience_left(int socket);

struct patience patience_begin(int socket, int stall_ms);

/* Has nothing been acknowledged for stall_ms? To be asked now and then. */
bool patience_is_over(struct patience *patience);

#endif
