/* LGPQ in framed mode: one line a request, every length known, resumable, with checksums. */
#ifndef FTPOOL_CLIENT_LGPQ_FRAMED_H
#define FTPOOL_CLIENT_LGPQ_FRAMED_H

#include "client/remote.h"

extern const struct protocol lgpq_framed;

/* Reads the answer to a list request that has been sent. */
int lgpq_framed_read_list(struct remote *remote, struct catalogue *catalogue);

#endif
