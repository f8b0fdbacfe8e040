/* Partials on the disk: files that are still coming in, beside their target. Who has a partial's
 * lock is its writer; one that nobody has locked was broken off. */
#ifndef FTPOOL_WORKER_PARTIAL_H
#define FTPOOL_WORKER_PARTIAL_H

#include "worker/partial_name.h"
#include "worker/store_place.h"

/* Opens the partial of that name for its one writer, and locks it. The descriptor; -EBUSY when
 * another writer has it; -EEXIST, -ENOENT as from store_place_create; or -errno. */
int partial_open(const struct store_place *place, const char *partial, enum store_place_way way);

/* How many may write privately to one name. */
enum { PARTIAL_PRIVATE = 1000 };

/* Opens, and locks, a private partial of `name` that nobody else has, in place of one whose writer
 * was killed if there is. The descriptor, and its name; -EBUSY: all are taken; or -errno. */
int partial_open_private(
	const struct store_place *place, char partial[PARTIAL_NAME], const char *name);

/* Removes the private partials of `name` that killed writers left, up to the first that is not
 * there: nobody can resume them. */
void partial_sweep_private(const struct store_place *place, const char *name);

/* Removes a partial that nobody writes. 0; -ENOENT; -EBUSY: somebody does; or -errno. */
int partial_remove(const struct store_place *place, const char *partial);

#endif
