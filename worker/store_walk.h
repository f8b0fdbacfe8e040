/* The way from a root to what a path names, which the kernel goes (openat2(2)): it never leads
 * outside. For the store's own rooms; nothing else opens a path. In a tree with zones it goes no
 * links: those are followed by store_links, so that the zone they lead into is known, and its
 * rights are asked for, too. */
#ifndef FTPOOL_WORKER_STORE_WALK_H
#define FTPOOL_WORKER_STORE_WALK_H

#include "worker/store.h"

/* The zone that a path lies in, with the root in which it is to be found: the innermost one, or
 * what the store as a whole is. */
struct zone store_walk_zone(const struct store *store, const struct vpath *path);

/* The path as openat2(2) wants it, seen from the zone's root. */
const char *store_walk_relative(const struct zone *zone, const struct vpath *path);

/* What the account may do with what stands at the path: neither rename nor remove where a zone
 * begins at it or below. */
uint32_t store_walk_may(const struct store *store, const struct vpath *path);

/* Opens what stands at the path, of whatever kind, with the flags of open(2), for who has the
 * rights `needed` there. The descriptor, the caller's to close, or -errno: -EPERM, and as from
 * store_walk_error. */
int store_walk_open(
	const struct store *store, const struct vpath *path, uint32_t needed, uint64_t flags);

/* The same, and the path loses its links, if there are zones. */
int store_walk_open_real(
	const struct store *store, struct vpath *path, uint32_t needed, uint64_t flags);

/* What stands at the path itself, a link too, in that zone and with no link on the way to it. An
 * O_PATH descriptor, with those flags besides, or -errno. */
int store_walk_open_itself(const struct zone *zone, const struct vpath *path, uint64_t flags);

/* Is there something at the path, and no link on the way to it? */
bool store_walk_is_straight(const struct store *store, const struct vpath *path);

/* -errno, but -EACCES for EPERM (the file is another user's, the directory sticky, the file
 * immutable …): in the store, -EPERM means that the account lacks the right. */
int store_walk_error(void);

#endif
