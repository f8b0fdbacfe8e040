/* How much an account may have in its root: the bytes and files of all of it (its quota, kept in
 * the ledger), and of one file.
 *
 *     error = quota_begin(&change, place->quota);
 *     if (error == 0)
 *             error = quota_grow(&change, spare, bytes, files);
 *     …change the disk; what of it failed is quota_shrink…
 *     quota_end(&change);
 *
 * A tree that some account has a quota for is counted by all who change it. For all others, and
 * where there is no quota at all, none of this does anything, nor takes any time. */
#ifndef FTPOOL_WORKER_QUOTA_H
#define FTPOOL_WORKER_QUOTA_H

#include "common/ledger.h"
#include "common/user.h"

#include <stdatomic.h>

struct quota {
	struct ledger *ledger; /* NULL: nothing is counted */
	struct ledger_key key;
	int root;         /* its descriptor */
	_Atomic int tree; /* -1: nobody has a quota for it, as far as is known */
	uint64_t bytes, files;
	uint64_t largest; /* of one file; all three: 0 is no limit */
	bool largest_own; /* is the account's, not the config's */
};

/* Fills it in. The root stays the caller's. `name` and the limits are noted in the ledger if there
 * are any; NULL is nobody, who has none. 0, or -ENOSPC when the ledger is full. */
int quota_open(struct quota *quota, struct ledger *ledger, int root, const struct ledger_key *key,
	const char *name, const struct user_amounts *amounts);

/* What will be gone once an upload is in its place: may be used twice until then. */
struct quota_spare {
	int64_t bytes, files;
};

struct quota_change {
	struct quota *quota;
	int tree; /* -1: nothing is counted */
};

/* Begins a change, or the wait for those of others to end. The quota may be NULL. 0 or -errno. A
 * tree of which nobody knows what is in it is counted first. quota_end is due if it is 0. */
int quota_begin(struct quota_change *change, struct quota *quota);
void quota_end(struct quota_change *change);

static inline bool quota_counts(const struct quota_change *change)
{
	return change->tree >= 0;
}

/* Is anything counted there? NULL is not. */
bool quota_is_counted(struct quota *quota);

/* 0, or -EDQUOT. The spare may be NULL. */
int quota_grow(
	struct quota_change *change, const struct quota_spare *spare, int64_t bytes, int64_t files);
void quota_shrink(struct quota_change *change, int64_t bytes, int64_t files);

/* Would it be within its limits, with so much less? 0 or -EDQUOT. */
int quota_fits_without(const struct quota_change *change, const struct ledger_use *less);

/* Bytes that may still come, besides what is spare; INT64_MAX: any number; or -errno. */
int64_t quota_left(struct quota *quota, const struct quota_spare *spare);

/* -EDQUOT, for the want of bytes. */
int quota_refuse_bytes(struct quota *quota);

/* May a file have that size? 0 or -EFBIG. */
int quota_check_largest(const struct quota *quota, uint64_t size);

/* What the disk says for itself is not ours: forgets why this thread was refused. Returns the
 * error. */
int quota_disk_error(int error);

enum { QUOTA_TEXT = 200 };

/* Why this thread was refused with -EDQUOT or -EFBIG, in words; NULL: not by us. Otherwise text. */
const char *quota_refusal_text(int error, char text[QUOTA_TEXT]);

#endif
