/* The trial of a program that the master is to become: a child does all that the leap would do, and
 * in the same way. It gets the same state, descriptors, environment and command line; it takes the
 * state over as the master would, and gets a worker and an authenticator ready. It shares no board
 * with those that serve, and its worker listens at sockets that nobody knows. Whatever becomes of
 * it, nobody else notices.
 *
 * trial_run runs it, in the program of before: in a child of the master, which may wait for it and
 * sees to it that nothing of it is left. trial_pass is the other side, in the program on trial. */
#ifndef FTPOOL_SUPERVISOR_TRIAL_H
#define FTPOOL_SUPERVISOR_TRIAL_H

#include "common/complaints.h"

#include <sys/types.h>

struct generation;
struct master;

struct trial {
	const char *path; /* of the program */
	char **argv;      /* its command line */
	int state;        /* what handover_write has written */
	int output;       /* a memory, where is written why it cannot take over */
	unsigned int seconds;
};

/* The whole life of a child that has all descriptors of the master's; what it exits with: 0, the
 * program can take over, or 1. `what` is a struct trial. */
int trial_run(const void *what);

/* After master_adopt with a handover on trial: waits until a worker of `own` and its authenticator
 * are ready. 0, or -1 after complaining. */
int trial_pass(struct master *master, struct generation *own, struct complaints *complaints);

#endif
