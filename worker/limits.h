/* The caps on sessions, counted over all workers by looking at the board: whoever claims, counts
 * himself first and then looks, so the caps are never passed however many workers accept at once.
 */
#ifndef FTPOOL_WORKER_LIMITS_H
#define FTPOOL_WORKER_LIMITS_H

#include "worker/engine.h"

enum limits_verdict { LIMITS_GRANTED, LIMITS_SERVER_FULL, LIMITS_ADDRESS_FULL };

/* Claims a session for a client of that address; which client is another one, network_of_client
 * says. What was granted must be released. */
enum limits_verdict limits_claim(const struct engine *engine, const struct address *peer);
void limits_release(const struct engine *engine, const struct address *peer);

/* What stands for a user on the board: never 0, the same in every process. */
uint64_t limits_user(const char *name);

/* The same for a user, of whom there may be `most` sessions (0: any number). Who was granted one
 * shows it on the board (user_key), and takes it from there before the release. May take some
 * milliseconds. */
bool limits_claim_user(const struct engine *engine, uint64_t user, uint32_t most);
void limits_release_user(const struct engine *engine, uint64_t user);

/* May a session of the user end in the next moments because its client is gone? One that idles, and
 * that its worker has not probed since then (clock_ms), or has not heard from since. */
bool limits_user_may_get_room(const struct engine *engine, uint64_t user, int64_t since_ms);

/* Does some other worker, alive and accepting, have fewer sessions than that? */
bool limits_another_has_fewer(const struct engine *engine, uint32_t sessions);

/* The sessions of all workers together. */
uint32_t limits_sessions(const struct engine *engine);

#endif
