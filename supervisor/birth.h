/* The fork of a worker. The child has its birthright and nothing else of the master's, and can
 * never come back into the master's code: it ends in _exit. */
#ifndef FTPOOL_SUPERVISOR_BIRTH_H
#define FTPOOL_SUPERVISOR_BIRTH_H

#include "worker/worker.h"

#include <sys/types.h>

/* Forks. The channel of the birthright is made here; *channel gets the master's end. The pid, or
 * -errno. */
pid_t birth_fork(struct birthright *birthright, int *channel);

#endif
