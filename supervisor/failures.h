/* Failed logins by client, for as long as they count. The same attempt made again, such
 * as a program's that has an old password, counts once. Of fixed size: where too many clients fail
 * at a time, those who failed longest ago are forgotten. Used by the master alone. */
#ifndef FTPOOL_SUPERVISOR_FAILURES_H
#define FTPOOL_SUPERVISOR_FAILURES_H

#include "common/network.h"

enum { FAILURES_CLIENTS = 4096, FAILURES_MOST = 100 /* per client */ };

struct failures;

/* For up to that many failures of a client, each of which counts for within_ms. NULL: out of
 * memory. */
struct failures *failures_new(uint32_t most, int64_t within_ms);
void failures_free(struct failures *failures);

/* Notes a failure of a client, `attempt` standing for what was tried. How many different ones of
 * his count now. */
uint32_t failures_add(
	struct failures *failures, const struct network *client, uint32_t attempt, int64_t now_ms);

/* All of it as memory without a name, for the program that takes this one's place: its descriptor,
 * or -errno. And back, into a table that is new: 0, or -EPROTO when it was for another number of
 * failures, or is none of this version's. */
int failures_pack(const struct failures *failures);
int failures_unpack(struct failures *failures, int memory);

/* Nothing of his counts any more. */
void failures_forget(struct failures *failures, const struct network *client);

#endif
