#include "worker/store_walk.h"

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

/* glibc has no wrapper for openat2(2). EAGAIN: a rename crossed the walk and the kernel could not
 * be sure that ".." stays inside; it asks for another try. */
static int walk(
	const struct store *store, const struct vpath *path, uint64_t flags, uint64_t resolve)
{
	struct open_how how = {.flags = flags | O_CLOEXEC,
		.resolve = resolve | RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	long descriptor = -1;

	for (int i = 0; i < RACE_TRIES; i++) {
		descriptor =
			syscall(SYS_openat2, store->root, vpath_relative(path), &how, sizeof(how));
		if (descriptor >= 0 || errno != EAGAIN)
			break;
	}
	return descriptor < 0 ? store_walk_error() : (int)descriptor;
}

int store_walk_open(const struct store *store, const struct vpath *path, uint64_t flags)
{
	return walk(store, path, flags, 0);
}

bool store_walk_is_straight(const struct store *store, const struct vpath *path)
{
	int descriptor = walk(store, path, O_PATH, RESOLVE_NO_SYMLINKS);

	if (descriptor >= 0)
		close(descriptor);
	return descriptor >= 0;
}
