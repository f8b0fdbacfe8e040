/* The zones of an account: the directories and mounts of the config that are for it, and the rights
 * by directory that its own line has, which count for more where both say something. */
#ifndef FTPOOL_WORKER_ACCOUNT_ZONES_H
#define FTPOOL_WORKER_ACCOUNT_ZONES_H

#include "common/config.h"
#include "common/rights_at.h"
#include "worker/zones.h"

/* Opens what the config mounts: a descriptor (O_PATH) for each of its zones, ZONE_NO_ROOT for a
 * directory, to be kept open. 0, *mounts from malloc(3); or -errno. */
int account_zones_open(const struct config *config, int **mounts);

/* The zones of that account; "anonymous": of those who log in without one; "": of nobody in
 * particular. `own` may be NULL. 0, with NULL when there are none, or -ENOMEM. */
int account_zones_make(struct zones **zones, const struct config *config, const int *mounts,
	const char *account, const struct rights_at *own);

#endif
