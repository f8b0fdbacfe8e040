#include "worker/store_place.h"

#include "worker/partial_name.h"
#include "worker/store_facts.h"
#include "worker/store_refusal.h"
#include "worker/store_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

/* A directory that may be written but not read can still take files; it only cannot be synced. */
static int open_directory(const struct store *store, struct vpath *directory)
{
	int descriptor = store_walk_open_real(store, directory, 0, O_RDONLY | O_DIRECTORY);

	if (descriptor == -EACCES)
		descriptor = store_walk_open_real(store, directory, 0, O_PATH | O_DIRECTORY);
	if (descriptor == -ENOENT && zones_mount_below(store->zones, directory))
		return -EROFS;
	return descriptor;
}

struct quota *store_place_quota(const struct store *store, const struct zone *zone)
{
	return zone->root == store->root ? store->quota : NULL;
}

/* In a tree with zones: where the links on the way led counts as well. *directory has none. */
static int check_arrival(struct store_place *place, const struct store *store,
	struct vpath *directory, uint32_t needed)
{
	struct vpath *path = directory;
	int error = vpath_resolve(path, directory, place->name, strlen(place->name));

	if (error == 0 && zones_mount_at_or_below(store->zones, path))
		error = -EISDIR;
	if (error == 0) {
		place->zone = store_walk_zone(store, path);
		place->fixed = zones_hold(store->zones, path);
		place->quota = store_place_quota(store, &place->zone);
		error = store_refusal_check(&place->zone, needed);
	}
	if (error < 0)
		store_place_close(place);
	return error;
}

int store_place_open(struct store_place *place, const struct store *store, const struct vpath *path,
	uint32_t needed)
{
	const char *name = vpath_name(path);
	struct vpath directory;
	int error;

	place->zone = store_walk_zone(store, path);
	error = store_refusal_check(&place->zone, needed);
	if (error < 0)
		return error;
	if (name[0] == '\0' || zones_mount_at_or_below(store->zones, path))
		return -EISDIR;
	if (partial_name_is(name))
		return -EINVAL;
	place->fixed = false;
	place->quota = store_place_quota(store, &place->zone);
	place->spare = (struct quota_spare){0};
	vpath_parent(&directory, path);
	place->directory = open_directory(store, &directory);
	if (place->directory < 0)
		return place->directory;
	strcpy(place->name, name);
	return store->zones ? check_arrival(place, store, &directory, needed) : 0;
}

int store_place_open_standing(struct store_place *place, const struct store *store,
	const struct vpath *path, uint32_t needed)
{
	struct zone zone = store_walk_zone(store, path);
	int error = store_refusal_check(&zone, needed);

	if (error < 0)
		return error;
	if (partial_name_is(vpath_name(path)))
		return -ENOENT;
	if (vpath_name(path)[0] == '\0')
		return store_refusal_root();
	if (zones_hold(store->zones, path))
		return store_refusal_fixed();
	error = store_place_open(place, store, path, needed);
	if (error < 0 || !place->fixed)
		return error;
	store_place_close(place);
	return store_refusal_fixed();
}

void store_place_close(struct store_place *place)
{
	if (place->directory >= 0)
		close(place->directory);
	place->directory = -1;
}

int store_place_look(const struct store_place *place, struct stat *status)
{
	return fstatat(place->directory, place->name, status, AT_SYMLINK_NOFOLLOW) < 0
		       ? store_walk_error()
		       : 0;
}

int store_place_read(const struct store_place *place, struct store_file *file)
{
	int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int descriptor = openat(place->directory, place->name, flags);
	int error;

	if (descriptor < 0 && errno == ENXIO)
		return store_refusal_kind();
	if (descriptor < 0)
		return errno == ELOOP ? -EACCES : store_walk_error();
	error = store_facts_look(file, descriptor);
	if (error == 0 && file->directory)
		error = -EISDIR;
	file->descriptor = descriptor;
	if (error < 0)
		close(descriptor);
	return error;
}

bool store_place_holds(const struct store_place *place, const char *name, int descriptor)
{
	struct stat named, open;

	return fstatat(place->directory, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstat(descriptor, &open) == 0 && named.st_ino == open.st_ino &&
	       named.st_dev == open.st_dev;
}

int store_place_sync(const struct store_place *place)
{
	if (fsync(place->directory) < 0)
		return errno == EBADF ? 0
				      : -errno; /* opened for writing only: see open_directory */
	return 0;
}

static int64_t free_bytes_of_disk(const struct store_place *place)
{
	struct statvfs system;
	int64_t bytes;

	/* No blocks at all: the file system does not count them. */
	if (fstatvfs(place->directory, &system) < 0 || system.f_blocks == 0 ||
		__builtin_mul_overflow(system.f_bavail, system.f_frsize, &bytes))
		return INT64_MAX;
	return bytes;
}

int64_t store_place_free_bytes(const struct store_place *place)
{
	int64_t bytes = free_bytes_of_disk(place);
	int64_t left = quota_left(place->quota, &place->spare);

	return left < bytes ? left : bytes;
}
