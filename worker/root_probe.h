/* Can the service's user do with a root what the service is for? Tried, not computed: a child
 * becomes that user and opens it, so that groups, access lists and network file systems all have
 * their say. For the master, before it starts, and for `ftpoold --check`. */
#ifndef FTPOOL_WORKER_ROOT_PROBE_H
#define FTPOOL_WORKER_ROOT_PROBE_H

#include "common/config.h"

/* 0 when the user can list the root, and *writable tells if he can put files there; or -errno.
 * Waits for its child. */
int root_probe(const struct config *config, const char *root, bool *writable);

#endif
