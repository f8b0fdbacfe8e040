/* Is the users file in order? A child reads it and tells what is wrong, so that the hashes never
 * come into the memory of the master, of which every worker is a copy. For the start, and for
 * `ftpoold --check`. */
#ifndef FTPOOL_SUPERVISOR_USERS_PROBE_H
#define FTPOOL_SUPERVISOR_USERS_PROBE_H

#include "common/config.h"

/* Complains about all that is wrong; a file that is not there yet is in order. Waits for its child.
 */
void users_probe(const struct config *config, struct complaints *complaints);

#endif
