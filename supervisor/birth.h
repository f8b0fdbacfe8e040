/* The forks of a worker, of the authenticator, of the herald, and of a child with an errand. The
 * child has its birthright, or errand, and, but for one kind, no other descriptor of the master's;
 * it can never come back into the master's code: it ends in _exit. */
#ifndef FTPOOL_SUPERVISOR_BIRTH_H
#define FTPOOL_SUPERVISOR_BIRTH_H

#include "authenticator/authenticator.h"
#include "herald/herald.h"
#include "worker/worker.h"

#include <sys/types.h>

/* Forks. The channel of the birthright is made here; *channel gets the master's end. The pid, or
 * -errno. */
pid_t birth_fork(struct birthright *birthright, int *channel);

/* The same for the authenticator. */
pid_t birth_fork_authenticator(struct authenticator_birthright *birthright, int *channel);

/* And for the herald. */
pid_t birth_fork_herald(struct herald_birthright *birthright, int *channel);

/* Forks a child that does one thing and exits with what that returns; of descriptors it has the
 * standard ones, the log's, and those two, unless they are -1. The pid, or -errno. */
pid_t birth_fork_errand(int (*errand)(const void *what), const void *what, int kept, int too);

/* The same with all the descriptors of the master's, for an upgrade. It does not keep them for
 * long: who asks the master waits for the end of his connection. */
pid_t birth_fork_double(int (*errand)(const void *what), const void *what);

/* In a child: closes every descriptor but these, which it sorts, and the three standard ones. */
void birth_keep_only(int *kept, size_t count);

#endif
