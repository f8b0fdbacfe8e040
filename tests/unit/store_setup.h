/* A store on an empty directory of the test's own. */
#ifndef FTPOOL_TESTS_UNIT_STORE_SETUP_H
#define FTPOOL_TESTS_UNIT_STORE_SETUP_H

#include "worker/store.h"

#include "tests/unit/scratch.h"
#include "tests/unit/suite.h"

#include <dirent.h>
#include <fcntl.h>

static struct store store;
static char root[PATH_MAX];

static inline void open_store(void)
{
	umask(022);
	scratch_folder(root, "root");
	ck_assert_int_eq(store_open(&store, root), 0);
}

static inline const char *below(const char *name)
{
	return scratch_path(root, name);
}

/* A client's path; to be used up within the expression. In a buffer used again by the next call but
 * one. */
static inline const struct vpath *at(const char *text)
{
	static struct vpath paths[2];
	static unsigned int next;
	struct vpath *path = &paths[next++ % 2];

	ck_assert_int_eq(vpath_resolve(path, NULL, text, strlen(text)), 0);
	return path;
}

static inline void make_folder(const char *name)
{
	ck_assert_int_eq(mkdir(below(name), 0755), 0);
}

static inline void make_file(const char *name, const char *text)
{
	scratch_write_text(below(name), text);
}

static inline void link_to(const char *target, const char *name)
{
	ck_assert_int_eq(symlink(target, below(name)), 0);
}

/* Opens a file as the writer of an upload does. */
static inline int lock_file(const char *name)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	int descriptor = open(below(name), O_RDWR | O_CREAT | O_CLOEXEC, 0666);

	ck_assert_int_ge(descriptor, 0);
	ck_assert_int_eq(fcntl(descriptor, F_OFD_SETLK, &whole), 0);
	return descriptor;
}

static inline int lowest_free_descriptor(void)
{
	int descriptor = dup(STDERR_FILENO);

	close(descriptor);
	return descriptor;
}

static inline mode_t mode_of(const char *name)
{
	struct stat status;

	ck_assert_int_eq(lstat(below(name), &status), 0);
	return status.st_mode & 07777;
}

#endif
