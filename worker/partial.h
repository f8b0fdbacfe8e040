/* Partials on the disk: files that are still coming in, beside their target. Who has a partial's
 * lock is its writer; one that nobody has locked was broken off. */
#ifndef FTPOOL_WORKER_PARTIAL_H
#define FTPOOL_WORKER_PARTIAL_H

#include "worker/partial_name.h"
#include "worker/store_place.h"

/* Opens the partial of that name for its one writer, and locks it. The descriptor; -EBUSY when
 * another writer has it; -EEXIST, -ENOENT as from store_place_create; or -errno. */
int partial_open(const struct store_place *place, const char *partial, enum store_place_way way);

/* Removes a partial that nobody writes. 0; -ENOENT; -EBUSY: somebody does; or -errno. */
int partial_remove(const struct store_place *place, const char *partial);

#endif
