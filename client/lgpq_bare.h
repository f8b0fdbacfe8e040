/* LGPQ in bare mode, as the first server of its kind speaks it: requests without an end, replies
 * parted by pauses, no lengths, no checksums. */
#ifndef FTPOOL_CLIENT_LGPQ_BARE_H
#define FTPOOL_CLIENT_LGPQ_BARE_H

#include "client/remote.h"

extern const struct protocol lgpq_bare;

/* Reads the answer to a list request that has been sent. */
int lgpq_bare_read_list(struct remote *remote, struct catalogue *catalogue);

#endif
