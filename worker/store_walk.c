#include "worker/store_walk.h"

#include "common/rights.h"
#include "worker/store_links.h"
#include "worker/store_refusal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { RACE_TRIES = 16 };

int store_walk_error(void)
{
	return errno == EPERM ? -EACCES : -errno;
}

/* ---- zones ---- */

struct zone store_walk_zone(const struct store *store, const struct vpath *path)
{
	const struct zone *found = zones_find(store->zones, path);
	struct zone zone =
		found ? *found
		      : (struct zone){
				.path = "/", .length = 1, .may = store->may, .root = ZONE_NO_ROOT};

	if (zone.root == ZONE_NO_ROOT)
		zone.root = store->root;
	return zone;
}

const char *store_walk_relative(const struct zone *zone, const struct vpath *path)
{
	const char *rest = path->text + zone->root_length;

	if (*rest == '/')
		rest++;
	return *rest ? rest : ".";
}

uint32_t store_walk_may(const struct store *store, const struct vpath *path)
{
	struct zone zone = store_walk_zone(store, path);
	uint32_t fixed = RIGHT_rename | RIGHT_rmdir;

	return zone.may & ~(path->length == 1 || zones_hold(store->zones, path) ? fixed : 0);
}

/* ---- the kernel's part ---- */

/* glibc has no wrapper for openat2(2). EAGAIN: a rename crossed the walk and the kernel could not
 * be sure that ".." stays inside; it asks for another try. */
static int walk(const struct zone *zone, const struct vpath *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = {.flags = flags | O_CLOEXEC,
		.resolve = resolve | RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	long descriptor = -1;

	for (int i = 0; i < RACE_TRIES; i++) {
		descriptor = syscall(SYS_openat2, zone->root, store_walk_relative(zone, path), &how,
			sizeof(how));
		if (descriptor >= 0 || errno != EAGAIN)
			break;
	}
	return descriptor < 0 ? store_walk_error() : (int)descriptor;
}

int store_walk_open_itself(const struct zone *zone, const struct vpath *path, uint64_t flags)
{
	return walk(zone, path, O_PATH | O_NOFOLLOW | flags, RESOLVE_NO_SYMLINKS);
}

/* -ELOOP, in a tree with zones: there is a link on the way. */
static int open_here(
	const struct store *store, const struct vpath *path, uint32_t needed, uint64_t flags)
{
	struct zone zone = store_walk_zone(store, path);
	int error = store_refusal_check(&zone, needed);

	return error < 0 ? error : walk(&zone, path, flags, store->zones ? RESOLVE_NO_SYMLINKS : 0);
}

/* More than one try: what was no link may have become one meanwhile. */
static int follow_links(
	const struct store *store, struct vpath *path, uint32_t needed, uint64_t flags)
{
	int result = -ELOOP;

	for (int i = 0; i < RACE_TRIES && result == -ELOOP; i++) {
		int error = store_links_follow(store, path);

		if (error < 0)
			return error;
		result = open_here(store, path, needed, flags);
	}
	return result;
}

int store_walk_open(
	const struct store *store, const struct vpath *path, uint32_t needed, uint64_t flags)
{
	int result = open_here(store, path, needed, flags);
	struct vpath real;

	if (result != -ELOOP || !store->zones)
		return result;
	real = *path;
	return follow_links(store, &real, needed, flags);
}

int store_walk_open_real(
	const struct store *store, struct vpath *path, uint32_t needed, uint64_t flags)
{
	int result = open_here(store, path, needed, flags);

	return result == -ELOOP && store->zones ? follow_links(store, path, needed, flags) : result;
}

bool store_walk_is_straight(const struct store *store, const struct vpath *path)
{
	struct zone zone = store_walk_zone(store, path);
	int descriptor = walk(&zone, path, O_PATH, RESOLVE_NO_SYMLINKS);

	if (descriptor >= 0)
		close(descriptor);
	return descriptor >= 0;
}
