/* The errand of counting trees, for a child of the master: it reads the users file for who has a
 * quota, becomes the service's user, and walks their roots. Private to quotas. */
#ifndef FTPOOL_SUPERVISOR_QUOTAS_ERRAND_H
#define FTPOOL_SUPERVISOR_QUOTAS_ERRAND_H

#include "common/config.h"
#include "common/ledger.h"

struct quotas_errand {
	const struct config *config;
	struct ledger *ledger;
	const char *name; /* an account; NULL: all */
	bool all;         /* else only trees that are in doubt */
};

/* The child's whole life; what it exits with. `what` is a struct quotas_errand. */
int quotas_errand_run(const void *what);

#endif
