/* What a worker serves from, opened before it changes its user, since the way there may be closed
 * to that user; that he can read it was tried by the master. */
#ifndef FTPOOL_WORKER_SERVED_H
#define FTPOOL_WORKER_SERVED_H

#include "worker/engine.h"

/* Directories that the sandbox is closed around beside the stores' own roots: where the roots of
 * accounts may lie, and what is mounted. */
struct served {
	int *roots; /* O_PATH descriptors */
	size_t count;
};

/* Opens the engine's stores and mounts, and those. 0 or -errno; served_close is due in any case. */
int served_open(struct served *served, struct engine *engine);

/* Closes the directories, when the sandbox is closed: the authenticator gives a descriptor for each
 * root that is wanted, and mounts have their own. */
void served_close(struct served *served);

#endif
