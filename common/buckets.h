/* The buckets that workers share: one each way for all there is, and one for each account that
 * moves something. The master makes them, in memory without a name; what stands in them is of no
 * use to anybody a moment later, so nothing is kept of it, and an account's row is another's once
 * it has rested. */
#ifndef FTPOOL_COMMON_BUCKETS_H
#define FTPOOL_COMMON_BUCKETS_H

#include "common/bandwidth.h"
#include "common/bucket.h"

struct buckets;

/* Shared with whoever is forked from then on; NULL: out of memory. */
struct buckets *buckets_new(void);
void buckets_free(struct buckets *buckets);

/* The memory, for who is to have the same buckets without being forked; and that memory again,
 * which it takes over. NULL when it is none of that kind. */
int buckets_descriptor(const struct buckets *buckets);
struct buckets *buckets_adopt(int descriptor);

/* The bucket of everybody together. */
struct bucket *buckets_all(struct buckets *buckets, enum bandwidth_way way);

/* The bucket of an account, found anew for each draw. When thousands move at once, one may
 * share another's. */
struct bucket *buckets_account(
	struct buckets *buckets, uint64_t account, enum bandwidth_way way, int64_t now_ns);

/* An account's number, made of its name; never 0. */
uint64_t buckets_number(const char *name);

#endif
