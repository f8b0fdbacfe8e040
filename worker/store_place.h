/* A place for a file: the open directory that holds it, and its name there. What is done by a place
 * is done in that directory, wherever it may be moved meanwhile. Who opens a place names the rights
 * that he needs there (-EPERM). What is made, replaced and removed is counted for the quota of the
 * root that it lies in; bytes that are written are their writer's to count.
 *
 *     store_place         where it is, and what is there
 *     store_place_change  what changes its directory */
#ifndef FTPOOL_WORKER_STORE_PLACE_H
#define FTPOOL_WORKER_STORE_PLACE_H

#include "worker/quota.h"
#include "worker/store.h"

#include <sys/stat.h>

struct store_place {
	int directory;
	struct zone zone;         /* that the place lies in */
	bool fixed;               /* a zone begins there, or below */
	struct quota *quota;      /* of the root that it lies in; NULL: none */
	struct quota_spare spare; /* for what is made there and takes the place of what stands */
	char name[VPATH_NAME_LONGEST + 1];
};

/* Opens the directory above path. 0; -EISDIR for the root, and for a mount and what is above one;
 * -EINVAL for a name that only a partial has; -EROFS where there is nothing but mounts; or -errno.
 */
int store_place_open(struct store_place *place, const struct store *store, const struct vpath *path,
	uint32_t needed);

/* The same for what is to be there already and to go: -ENOENT for a partial's name, which no client
 * has seen, -EACCES for the root, which nobody removes or renames, and -EPERM where a zone begins,
 * or below. */
int store_place_open_standing(struct store_place *place, const struct store *store,
	const struct vpath *path, uint32_t needed);

void store_place_close(struct store_place *place);

/* The quota that counts in that zone: a mount has none. NULL: none. */
struct quota *store_place_quota(const struct store *store, const struct zone *zone);

/* What stands at the place, links not followed: 0 and its stat(2), or -errno (-ENOENT: nothing). */
int store_place_look(const struct store_place *place, struct stat *status);

/* How store_place_create treats a file that is there already. */
enum store_place_way {
	STORE_PLACE_FRESH,    /* -EEXIST */
	STORE_PLACE_ANY,      /* it is opened; else one is created */
	STORE_PLACE_STANDING, /* it is opened; -ENOENT when there is none */
};

/* Opens `name` in the place's directory for reading and writing. The descriptor, or -errno; -EINVAL
 * if it is no regular file. */
int store_place_create(const struct store_place *place, const char *name, enum store_place_way way);

/* Opens the file that stands at the place for reading; a link is not followed. 0; -ENOENT, -EISDIR;
 * -EACCES for what is no file; or -errno. */
int store_place_read(const struct store_place *place, struct store_file *file);

/* Is the open file still the one called `name` there? */
bool store_place_holds(const struct store_place *place, const char *name, int descriptor);

/* Gives what is called `name` in the directory `from` the place's own name, in one step: in place
 * of the file that stands there, or, unless `replace`, -EEXIST when anything does. 0 or -errno. */
int store_place_take_name(
	const struct store_place *place, int from, const char *name, bool replace);

/* Remove what has that name in the place's directory: a file or link, or a directory that is empty.
 * 0 or -errno. */
int store_place_remove(const struct store_place *place, const char *name);
int store_place_remove_directory(const struct store_place *place, const char *name);

/* Make a directory of that name in the place's, and a symbolic link at the place. 0; -EEXIST;
 * -EDQUOT; or -errno. */
int store_place_make_directory(const struct store_place *place, const char *name);
int store_place_make_link(const struct store_place *place, const char *target);

/* Waits until the directory is on the disk (fsync(2)). */
int store_place_sync(const struct store_place *place);

/* Bytes that may still be written to the place's file system by this process, and for its quota.
 * Or -errno. */
int64_t store_place_free_bytes(const struct store_place *place);

#endif
