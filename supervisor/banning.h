/* Banning: the master's side of the bans. Counts the failed logins that workers report, bans those
 * who fail too often, lifts bans that are over, and keeps them in the state directory. What a
 * worker reports may be a lie: at worst it bans addresses, of which there is room for so many, and
 * never one that the config exempts, nor does it take the place of a ban that somebody ordered.
 *
 * A ban is told to the workers, who end that client's sessions; at their doors they see it in the
 * table. The file is written by a child, soon after a change and never twice at a time. */
#ifndef FTPOOL_SUPERVISOR_BANNING_H
#define FTPOOL_SUPERVISOR_BANNING_H

#include "common/bans.h"
#include "common/config.h"
#include "supervisor/pool.h"
#include "supervisor/state.h"
#include "supervisor/failures.h"

struct banning {
	const struct config *config;
	const struct pool *pool;
	const struct state *state;
	struct bans bans;
	struct failures *failures; /* NULL: nobody is banned for failures */
	int64_t next_over_unix_ms; /* INT64_MAX: no ban ends */
	bool unsaved;
	int64_t saved_ms; /* when the last child was sent; 0: none was */
	pid_t saver;      /* 0: none is under way */
	int64_t told_full_ms;
};

/* Makes the table, with the bans of the state directory. What it points to must outlive it. 0 or
 * -errno. */
int banning_open(struct banning *banning, const struct config *config, const struct pool *pool,
	const struct state *state);

/* Saves what is not saved yet; waits for the disk. Idempotent. */
void banning_close(struct banning *banning);

/* Another config: what it says of bans holds from now on. 0, or -ENOMEM with nothing changed. */
int banning_configure(struct banning *banning, const struct config *config);

/* The table, for the program that takes this one's place by execve(2), and which adopts it: the
 * bans of the table behind that descriptor, which stays the caller's, hold here as well. How many;
 * or -EPROTO when this program does not know it, and then there is the file. */
int banning_descriptor(const struct banning *banning);
int banning_adopt(struct banning *banning, int descriptor);

/* The same of the failed logins that count by now: a memory of its own, or -errno. */
int banning_pack_failures(const struct banning *banning);
void banning_unpack_failures(struct banning *banning, int memory);

/* A worker's report (worker/guard). */
void banning_hear(struct banning *banning, const char *report);

/* Bans, or lifts a ban, as somebody wishes. 0; -ENOSPC when there are too many, -EPERM for exempt
 * addresses; -ENOENT when there is none to lift. */
int banning_set(struct banning *banning, const struct ban *ban);
int banning_lift(struct banning *banning, const struct network *network);

/* Lifts all. How many. */
uint32_t banning_lift_all(struct banning *banning);

/* Lifts what is over, and saves what has changed. Idempotent; for the master's loop. */
void banning_tend(struct banning *banning, int64_t now_ms);

/* How long it can do without that, in milliseconds; at most `patience`. */
int banning_patience(const struct banning *banning, int patience);

/* A child of the master has died: was it the one that saves? */
bool banning_bury(struct banning *banning, pid_t pid, int status);

#endif
