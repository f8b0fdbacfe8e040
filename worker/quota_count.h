/* What a tree holds, as quotas count it: the bytes of each regular file, partials too, and as files
 * whatever bears a name in it, be it a file, a directory or a link, for each takes an inode. A file
 * with two names counts twice, the root itself not at all. */
#ifndef FTPOOL_WORKER_QUOTA_COUNT_H
#define FTPOOL_WORKER_QUOTA_COUNT_H

#include "common/ledger.h"

#include <sys/stat.h>

/* What one name counts for. */
struct ledger_use quota_count_one(const struct stat *status);

/* Walks the tree below an open directory. Links are not followed; directories that cannot be read
 * count as empty. 0; -ELOOP for one that is more than 512 deep; or -errno. */
int quota_count(int root, struct ledger_use *use);

/* Takes the tree that the open directory is, counts it and gives it back. 0 or -errno. */
int quota_count_again(struct ledger *ledger, int root, struct ledger_use *use);

#endif
