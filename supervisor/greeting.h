/* What is said once all workers are ready: to the person who started the server by hand, and to the
 * log, unless it is in front of the same eyes. */
#ifndef FTPOOL_SUPERVISOR_GREETING_H
#define FTPOOL_SUPERVISOR_GREETING_H

#include "common/config.h"

/* On standard output: what is served, where, and how to ask for the status. */
void greeting_print(const struct config *config);

/* The same facts as lines of the log. */
void greeting_log(const struct config *config);

#endif
