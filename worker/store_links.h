/* Where the links on a path lead, in a tree with zones: what the kernel would do with them, but
 * told, so that whoever opens the path knows which zone that is in. A link in a mount stays in that
 * mount, as one in the root stays in the root; but what is mounted further in counts. */
#ifndef FTPOOL_WORKER_STORE_LINKS_H
#define FTPOOL_WORKER_STORE_LINKS_H

#include "worker/store.h"

/* The path loses its links, as far as it exists. 0; -ELOOP for too many; -ENAMETOOLONG. What comes
 * out may be out of date when it is used: it is to be opened without following any link. */
int store_links_follow(const struct store *store, struct vpath *path);

#endif
