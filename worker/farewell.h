/* The last words for a client that is turned away, or whose session is ended. */
#ifndef FTPOOL_WORKER_FAREWELL_H
#define FTPOOL_WORKER_FAREWELL_H

#include "worker/protocol.h"

#include <stddef.h>

enum { FAREWELL_TEXT = 300 };

/* Writes what the protocol says at such an end; behind its words goes the reason, of those ends
 * that have one ("": none). What does not fit is cut. The length; 0: nothing is to be said. */
size_t farewell_write(const struct protocol *protocol, enum session_end why, const char *reason,
	char text[FAREWELL_TEXT]);

#endif
