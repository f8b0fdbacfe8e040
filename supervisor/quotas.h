/* Quotas as the master looks after them: it makes the ledger, knows when what stands in it cannot
 * be believed, and has it counted anew by a child with that errand; it never walks a tree.
 *
 * What is counted outlives the service as a file in the state directory, which is there only while
 * no server runs: after any other end than a clean one there is none, and all is counted again. */
#ifndef FTPOOL_SUPERVISOR_QUOTAS_H
#define FTPOOL_SUPERVISOR_QUOTAS_H

#include "common/config.h"
#include "common/ledger.h"
#include "supervisor/state.h"

#include <jansson.h>

struct quotas {
	const struct config *config;
	struct ledger *ledger;
	const struct state *state;
	pid_t errand;   /* that is counting; 0: nobody */
	bool doubtful;  /* some trees have to be counted */
	bool may_write; /* the file is ours to write at the end */
};

/* Makes the ledger, if there is none that came from the program before, and takes what the file
 * says. All zero but for that ledger at first. 0 or -ENOMEM. */
int quotas_open(struct quotas *quotas, const struct config *config, const struct state *state);

/* Writes the file, if all workers have left by themselves. */
void quotas_save(struct quotas *quotas);
void quotas_close(struct quotas *quotas);

/* A worker is dead: had it a tree in its hands? */
void quotas_bury(struct quotas *quotas, pid_t pid);

/* Sends for a count that is due. The config is the one that is served by now. */
void quotas_tend(struct quotas *quotas, const struct config *config);

/* Was that the child that counts? */
bool quotas_is_errand(struct quotas *quotas, pid_t pid);

/* Answers for the status pipe: {"quotas": […], "counting": …}, of all or of one account; and the
 * order to count one ("all" for all). */
json_t *quotas_report(struct quotas *quotas, const char *name);
json_t *quotas_recount(struct quotas *quotas, const struct config *config, const char *name);

#endif
