/* What dead workers have done at each listener, as it is handed over: counters by their names,
 * listeners by theirs, so that another version finds those that it knows. */
#ifndef FTPOOL_SUPERVISOR_HANDOVER_TALLY_H
#define FTPOOL_SUPERVISOR_HANDOVER_TALLY_H

#include <jansson.h>
#include <stdbool.h>

struct master;

json_t *handover_tally_write(const struct master *master);

/* When the generation that serves is there. `seen`: the rows of those that live are here, too, and
 * count for themselves. */
void handover_tally_read(struct master *master, bool seen);

#endif
