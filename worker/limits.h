/* The caps on sessions, counted over all workers by looking at the board: whoever claims, counts
 * himself first and then looks, so the caps are never passed however many workers accept at once.
 */
#ifndef FTPOOL_WORKER_LIMITS_H
#define FTPOOL_WORKER_LIMITS_H

#include "worker/engine.h"

enum limits_verdict { LIMITS_GRANTED, LIMITS_SERVER_FULL, LIMITS_ADDRESS_FULL };

/* Claims a session for a client of that address. What was granted must be released. */
enum limits_verdict limits_claim(const struct engine *engine, const struct address *peer);
void limits_release(const struct engine *engine, const struct address *peer);

/* Does some other worker, alive and accepting, have fewer sessions than that? */
bool limits_another_has_fewer(const struct engine *engine, uint32_t sessions);

/* The sessions of all workers together. */
uint32_t limits_sessions(const struct engine *engine);

#endif
