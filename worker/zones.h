/* The zones of an account's tree: directories from which on other rights hold than above them, or
 * from which on another root is served (a mount). The innermost zone is the one that counts. Pure:
 * nothing is looked up on the disk, and a path is all that decides. */
#ifndef FTPOOL_WORKER_ZONES_H
#define FTPOOL_WORKER_ZONES_H

#include "worker/vpath.h"

#include <stdbool.h>
#include <stdint.h>

enum { ZONE_NO_ROOT = -1 };

struct zone {
	const char *path; /* in normal form, never "/"; lives as long as the zones */
	size_t length;
	uint32_t may; /* RIGHT_list … of common/rights.h */
	bool mount;
	int root;           /* O_PATH descriptor; ZONE_NO_ROOT: in the account's own root */
	size_t root_length; /* how much of the path leads to that root */
};

/* What is wished: the path in normal form, which is copied. With a root it is a mount, which is the
 * caller's to keep open. */
struct zone_wish {
	const char *path;
	uint32_t may;
	int root; /* ZONE_NO_ROOT: none */
};

struct zones;

/* Of several wishes for one path the last one says what may be done, and one with a root where it
 * is. 0, with *zones NULL when there are none, or -ENOMEM. */
int zones_make(struct zones **zones, const struct zone_wish *wishes, size_t count);

/* NULL is none. */
void zones_free(struct zones *zones);

/* The innermost zone that the path lies in; NULL: it lies in none. zones may be NULL, here and
 * below. */
const struct zone *zones_find(const struct zones *zones, const struct vpath *path);

/* Does a zone begin at the path, or below it? Then what stands there has to stay. */
bool zones_hold(const struct zones *zones, const struct vpath *path);

/* The same for mounts alone, and for those below it alone. */
const struct zone *zones_mount_at_or_below(const struct zones *zones, const struct vpath *path);
const struct zone *zones_mount_below(const struct zones *zones, const struct vpath *path);

/* The next name in the directory that is a mount or leads to one, each once, from *position (0 at
 * first) on. false: there is none left. */
bool zones_next_name(const struct zones *zones, const struct vpath *directory, size_t *position,
	char name[VPATH_NAME_LONGEST + 1]);

#endif
