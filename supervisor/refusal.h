/* Somebody always answers. While no worker can serve, because all of them rest after crashes, the
 * master itself takes what waits at the listeners and says so: an FTP client gets 421 (RFC
 * 959 4.2), others are closed, which is all that LGPQ and TLS know. It reads no byte, sends what
 * fits at once, and closes. */
#ifndef FTPOOL_SUPERVISOR_REFUSAL_H
#define FTPOOL_SUPERVISOR_REFUSAL_H

#include "common/config.h"

/* Refuses who waits at the listening sockets, one for each listener of the config, none of which
 * blocks; a bounded number at a time. How many that were. */
unsigned int refusal_answer(const struct config *config, const int *listeners);

#endif
