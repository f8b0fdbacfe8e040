/* A generation: everything that belongs to one config, from its certificates to the authenticator
 * that its workers ask. A reload or an upgrade makes a new one beside the one that serves, which is
 * kept until its last worker has left. What outlives generations (the board, the sockets, the keys
 * of session tickets) is the master's. */
#ifndef FTPOOL_SUPERVISOR_GENERATION_H
#define FTPOOL_SUPERVISOR_GENERATION_H

#include "supervisor/auth.h"
#include "supervisor/certificates.h"
#include "supervisor/listeners.h"
#include "supervisor/lookup.h"
#include "worker/worker.h"

struct generation {
	uint32_t number; /* from 1 on */
	struct config *config;
	struct config **former; /* those that `config` has taken the place of at once */
	size_t former_count;
	struct board board; /* as its workers see it */
	struct certificates certificates;
	struct listeners listeners;
	struct auth auth;
	struct lookup lookup;
	struct birthright birthright; /* of its workers: slot and channel are missing */
	struct generation *next;      /* older */
};

/* Takes the config over, also when memory is short: then NULL. Nothing else is there yet. */
struct generation *generation_new(uint32_t number, struct config *config);

/* When certificates and listeners are there: makes what its workers are born with, beside what all
 * share. An authenticator that was adopted is kept. 0 or -errno. */
int generation_prepare(struct generation *generation, const struct birthright *shared);

/* This config, which differs in what changes at once alone, is its own from now on. 0 or -ENOMEM.
 */
int generation_take_config(struct generation *generation, struct config *config);

/* Ends its authenticator; its listeners are closed. NULL is allowed. */
void generation_free(struct generation *generation);

#endif
