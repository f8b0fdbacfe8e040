/* The way from a root to what a path names, which the kernel goes (openat2(2)): it never leads
 * outside. For the store's own rooms, which ask for the rights; nothing else opens a path. */
#ifndef FTPOOL_WORKER_STORE_WALK_H
#define FTPOOL_WORKER_STORE_WALK_H

#include "worker/store.h"

/* Opens what stands at the path, of whatever kind, with the flags of open(2). The descriptor, the
 * caller's to close, or -errno as from store_walk_error. */
int store_walk_open(const struct store *store, const struct vpath *path, uint64_t flags);

/* Is there something at the path, and no link on the way to it? */
bool store_walk_is_straight(const struct store *store, const struct vpath *path);

/* -errno, but -EACCES for EPERM (the file is another user's, the directory sticky, the file
 * immutable …): in the store, -EPERM means that the account lacks the right. */
int store_walk_error(void);

#endif
