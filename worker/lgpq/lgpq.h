/* LGPQ, the four-letter protocol of the file library: list, get, put, quit.
 *
 *     lgpq         which of the two modes a connection is in
 *     bare         the old programs' mode: requests without end mark, pauses that mean something
 *     bare_end     where an upload of the bare mode ends (pure)
 *     framed       the mode with lines, lengths and error words
 *     request      one framed request, read (pure)
 *     library      the list of files, for both modes
 *
 * The protocol itself is described in ftpool-lgpq(7). */
#ifndef FTPOOL_WORKER_LGPQ_LGPQ_H
#define FTPOOL_WORKER_LGPQ_LGPQ_H

#include "worker/protocol.h"

extern const struct protocol lgpq_protocol;

#endif
