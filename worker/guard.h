/* The guard: sees whose address is banned, and reports who fails to log in to the master, who bans
 * those that fail too often (supervisor/banning). */
#ifndef FTPOOL_WORKER_GUARD_H
#define FTPOOL_WORKER_GUARD_H

#include "worker/engine.h"

enum { GUARD_REASON = 160 };

/* Is nobody of that address served, though it is not exempt? Then why, and for how much longer, in
 * words for the client. A look at memory. */
bool guard_is_banned(
	const struct engine *engine, const struct address *peer, char reason[GUARD_REASON]);

/* Reports a failed login. Neither name nor password leaves this process: only a few bits that are
 * made of both by a secret key, the same for the same attempt. Never waits. */
void guard_report(const struct engine *engine, const struct address *peer, const char *user,
	const char *password);

#endif
