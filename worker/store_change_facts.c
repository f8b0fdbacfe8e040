#include "worker/store_change.h"

#include "common/rights.h"
#include "worker/partial_name.h"
#include "worker/store_refusal.h"
#include "worker/store_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { SYS_FCHMODAT2 = 452 }; /* Linux 6.6; every machine's number but Alpha's */

/* Opens a file or directory, of which *status is told. */
static int open_served(const struct store *store, const struct vpath *path, uint32_t needed,
	uint64_t flags, struct stat *status)
{
	int descriptor = store_walk_open(store, path, needed, flags);

	if (descriptor < 0 && descriptor != -ENXIO)
		return descriptor;
	if (descriptor >= 0 && fstat(descriptor, status) == 0 &&
		(S_ISREG(status->st_mode) || S_ISDIR(status->st_mode)))
		return descriptor;
	if (descriptor >= 0)
		close(descriptor);
	(void)store_refusal_kind();
	return -EACCES;
}

/* What is to be known of a file. */
struct fact {
	bool is_mode; /* else it is the time */
	mode_t mode;
	struct timespec times[2];
};

static uint32_t needed_for(const struct fact *fact)
{
	return fact->is_mode ? RIGHT_chmod : RIGHT_touch;
}

/* A directory keeps what it has beside the permissions: a client cannot give it, so it must not
 * take it. */
static mode_t mode_of(const struct fact *fact, const struct stat *status)
{
	return fact->mode | (S_ISDIR(status->st_mode) ? status->st_mode & 07000 : 0);
}

/* By a descriptor that was opened without reading or writing (O_PATH). */
static int set_by_path(int descriptor, const struct stat *status, const struct fact *fact)
{
	long result = fact->is_mode ? syscall(SYS_FCHMODAT2, descriptor, "", mode_of(fact, status),
					      AT_EMPTY_PATH)
				    : utimensat(descriptor, "", fact->times, AT_EMPTY_PATH);

	return result < 0 ? store_walk_error() : 0;
}

/* Where the kernel cannot do that: by one that was opened for something. */
static int set_by_opening(
	const struct store *store, const struct vpath *path, const struct fact *fact)
{
	struct stat status;
	int descriptor = open_served(
		store, path, needed_for(fact), O_RDONLY | O_NONBLOCK | O_NOCTTY, &status);
	int error;

	if (descriptor == -EACCES)
		descriptor = open_served(
			store, path, needed_for(fact), O_WRONLY | O_NONBLOCK | O_NOCTTY, &status);
	if (descriptor < 0)
		return descriptor;
	error = fact->is_mode ? fchmod(descriptor, mode_of(fact, &status))
			      : futimens(descriptor, fact->times);
	if (error < 0)
		error = store_walk_error();
	close(descriptor);
	return error;
}

static int set_fact(const struct store *store, const struct vpath *path, const struct fact *fact)
{
	struct zone zone = store_walk_zone(store, path);
	struct stat status;
	int descriptor, error = store_refusal_check(&zone, needed_for(fact));

	if (error == 0 && fact->is_mode && (fact->mode & ~(mode_t)0777))
		error = -EINVAL;
	if (error < 0)
		return error;
	if (partial_name_is(vpath_name(path)))
		return -ENOENT;
	if (vpath_name(path)[0] == '\0')
		return store_refusal_root();
	descriptor = open_served(store, path, needed_for(fact), O_PATH, &status);
	if (descriptor < 0)
		return descriptor;
	error = set_by_path(descriptor, &status, fact);
	close(descriptor);
	if (error == -ENOSYS || error == -EINVAL)
		error = set_by_opening(store, path, fact);
	return error;
}

int store_set_mode(const struct store *store, const struct vpath *path, mode_t mode)
{
	const struct fact fact = {.is_mode = true, .mode = mode};

	return set_fact(store, path, &fact);
}

int store_set_mtime(const struct store *store, const struct vpath *path, int64_t mtime)
{
	const struct fact fact = {.times = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = mtime}}};

	return set_fact(store, path, &fact);
}
