/* The ledger: what lies in the trees that quotas are about, in bytes and in files, as all workers
 * share it. The master makes it, in memory without a name, and saves it; workers change it, each
 * with the one tree locked (fcntl(2)) in which he changes the disk, so that the two say the same.
 *
 * Who takes a tree leaves his mark in it until he gives it back. The kernel undoes the lock of one
 * who dies, and the mark that then still stands tells the next one that the tree has to be counted
 * anew: nothing that a crash leaves behind is believed.
 *
 * A tree is a directory, whatever accounts have it for their root. Accounts stand here as well,
 * for people to look at: their tree and their limits, as last known.
 *
 * The master never takes a tree, and what it reads here may be nonsense: it is copied, clamped, and
 * shown. */
#ifndef FTPOOL_COMMON_LEDGER_H
#define FTPOOL_COMMON_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { LEDGER_TREES = 16384, LEDGER_ACCOUNTS = 16384, LEDGER_NAME = 64 };

struct ledger_key {
	uint64_t device, inode;
};

struct ledger_use {
	int64_t bytes, files;
};

struct ledger_account {
	char name[LEDGER_NAME]; /* cut to fit */
	struct ledger_key key;
	uint64_t bytes, files; /* the most; 0: no limit */
};

struct ledger;

/* Shared with whoever is forked from then on; NULL: out of memory. */
struct ledger *ledger_new(void);
void ledger_free(struct ledger *ledger);

/* The memory, for who is to have the same ledger without being forked; and that memory again,
 * which it takes over. NULL when it is none of that kind. */
int ledger_descriptor(const struct ledger *ledger);
struct ledger *ledger_adopt(int descriptor);

/* How many trees there are. They are never removed, and their numbers stay. */
uint32_t ledger_trees(const struct ledger *ledger);

/* The number of a tree, or -1. */
int ledger_find(struct ledger *ledger, const struct ledger_key *key);

/* The same, made if need be; -ENOSPC when there are too many. */
int ledger_add(struct ledger *ledger, const struct ledger_key *key);

/* Takes a tree: nobody else changes it until it is given back. 1 when what stands there holds; 0
 * when it was never counted, or who had it died; or -errno. Waits, but never for the dead. */
int ledger_take(struct ledger *ledger, int tree);
void ledger_give(struct ledger *ledger, int tree);

/* For who has taken the tree. ledger_change never goes below 0. */
void ledger_set(struct ledger *ledger, int tree, struct ledger_use use);
void ledger_change(struct ledger *ledger, int tree, int64_t bytes, int64_t files);

/* What stands there, now; from any process. false: it has to be counted. */
bool ledger_look(struct ledger *ledger, int tree, struct ledger_key *key, struct ledger_use *use);

/* What stands in a tree holds no longer, whoever has it. */
void ledger_doubt(struct ledger *ledger, int tree);

/* Did this process die while it had a tree? Such trees are doubted. How many there were. */
uint32_t ledger_bury(struct ledger *ledger, pid_t pid);

/* Notes an account, in place of what is known of it; one without a limit only there. */
void ledger_note_account(struct ledger *ledger, const struct ledger_account *account);

/* The next one from *position (0 at first) on; false: there is none left. */
bool ledger_next_account(struct ledger *ledger, uint32_t *position, struct ledger_account *account);

#endif
