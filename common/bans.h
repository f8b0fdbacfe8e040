/* The bans: which clients are not served, why, and until when. A table in shared memory of fixed
 * size that the master writes and everybody looks up: an address is looked for in memory alone,
 * without a lock, and in next to no time while there are no bans.
 *
 * The memory is a memfd, sealed such that only the mapping that the master made first can write it
 * (F_SEAL_FUTURE_WRITE of fcntl(2)); its children have another one, and no way to write that. So
 * the master may believe what it reads there. A ban holds for as long as it is in the table. */
#ifndef FTPOOL_COMMON_BANS_H
#define FTPOOL_COMMON_BANS_H

#include "common/network.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BANS_MOST = 4096, BAN_REASON = 96 /* with its NUL */, BANS_KEY = 16 };

struct ban {
	struct network network;
	int64_t since_unix_ms;
	int64_t until_unix_ms;   /* 0: for good */
	uint32_t failures;       /* failed logins that led to it; 0: somebody ordered it */
	char reason[BAN_REASON]; /* one line, goes to clients */
};

struct bans_table;

struct bans {
	const struct bans_table *table; /* NULL: closed */
	struct bans_table *writable;    /* the master's; no child has it */
	int memory;                     /* the memfd */
};

/* Makes an empty table. 0 or -errno. */
int bans_open(struct bans *bans);
void bans_close(struct bans *bans);

/* The ban that holds for an address, if one does. Any process, any thread. */
bool bans_find(const struct bans *bans, const struct address *peer, struct ban *ban);

uint32_t bans_count(const struct bans *bans);

/* Secret, the same in all processes for as long as this table lives. */
const unsigned char *bans_key(const struct bans *bans);

/* ---- for the master ---- */

/* Puts a ban in, in place of an older one of the same network. 0; -ENOSPC when there are
 * BANS_MOST; -EINVAL for what is no network. */
int bans_set(struct bans *bans, const struct ban *ban);

/* Takes the ban of exactly that network out; *lifted, unless NULL, gets it. false: there is none.
 */
bool bans_lift(struct bans *bans, const struct network *network, struct ban *lifted);

/* The next ban from *place on, which begins with 0. false: there are no more. No order; whoever
 * changes the table meanwhile may meet one twice or not at all. */
bool bans_next(const struct bans *bans, uint32_t *place, struct ban *ban);

/* Puts the bans of another table in, which may be an older program's: what is left of a master that
 * has become this one. How many; or -EPROTO when that is no table that is known here. */
int bans_adopt(struct bans *bans, int memory);

#endif
