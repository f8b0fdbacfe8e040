#include "worker/store.h"

#include "common/rights.h"
#include "worker/partial_name.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { RACE_TRIES = 16 };

/* glibc has no wrapper for openat2(2). EAGAIN: a rename crossed the walk and the kernel could not
 * be sure that ".." stays inside; it asks for another try. */
static int open_beneath(const struct store *store, const char *path, uint64_t flags)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};
	long descriptor = -1;

	for (int i = 0; i < RACE_TRIES; i++) {
		descriptor = syscall(SYS_openat2, store->root, path, &how, sizeof(how));
		if (descriptor >= 0 || errno != EAGAIN)
			break;
	}
	return descriptor < 0 ? -errno : (int)descriptor;
}

int store_open(struct store *store, const char *root)
{
	store->may = RIGHTS_ALL;
	store->root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return store->root < 0 ? -errno : 0;
}

void store_close(struct store *store)
{
	if (store->root >= 0)
		close(store->root);
	store->root = -1;
}

/* ---- reading ---- */

/* Only files and directories are served. */
static int take_facts(struct store_file *file, const struct stat *status)
{
	if (!S_ISREG(status->st_mode) && !S_ISDIR(status->st_mode))
		return -EACCES;
	*file = (struct store_file){.descriptor = -1,
		.directory = S_ISDIR(status->st_mode),
		.mode = status->st_mode & 07777,
		.links = (uint32_t)status->st_nlink,
		.uid = status->st_uid,
		.gid = status->st_gid,
		.device = status->st_dev,
		.inode = status->st_ino,
		.size = status->st_size,
		.mtime = status->st_mtim.tv_sec};
	return 0;
}

static int facts(struct store_file *file, int descriptor)
{
	struct stat status;

	return fstat(descriptor, &status) < 0 ? -errno : take_facts(file, &status);
}

/* O_NONBLOCK: opening a pipe nobody writes to must not wait; files do not care. */
int store_open_file(const struct store *store, const struct vpath *path, struct store_file *file)
{
	int descriptor, error;

	if (partial_name_is(vpath_name(path)))
		return -ENOENT;
	descriptor = open_beneath(store, vpath_relative(path), O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (descriptor < 0)
		return descriptor == -ENXIO ? -EACCES : descriptor;
	error = facts(file, descriptor);
	if (error == 0 && file->directory)
		error = -EISDIR;
	if (error < 0) {
		close(descriptor);
		return error;
	}
	file->descriptor = descriptor;
	return 0;
}

int store_look(const struct store *store, const struct vpath *path, struct store_file *file)
{
	int descriptor, error;

	if (partial_name_is(vpath_name(path)))
		return -ENOENT;
	descriptor = open_beneath(store, vpath_relative(path), O_PATH);
	if (descriptor < 0)
		return descriptor;
	error = facts(file, descriptor);
	close(descriptor);
	return error;
}

/* ---- listing ---- */

int store_list(struct store_listing *listing, const struct store *store, const struct vpath *path)
{
	int descriptor = open_beneath(store, vpath_relative(path), O_RDONLY | O_DIRECTORY);

	if (descriptor < 0)
		return descriptor;
	listing->store = store;
	listing->directory = *path;
	listing->stream = fdopendir(descriptor);
	if (!listing->stream) {
		int error = errno;

		close(descriptor);
		return -error;
	}
	return 0;
}

/* A link is followed by the store's own rules, so that it tells nothing of what lies outside. */
static int look_at_link(
	const struct store_listing *listing, const char *name, struct store_file *file)
{
	struct vpath path;
	int error = vpath_resolve(&path, &listing->directory, name, strlen(name));

	return error < 0 ? error : store_look(listing->store, &path, file);
}

int store_list_look(const struct store_listing *listing, struct store_entry *entry)
{
	struct stat status;

	if (fstatat(dirfd(listing->stream), entry->name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	entry->kind = S_ISLNK(status.st_mode)   ? STORE_LINK
		      : S_ISDIR(status.st_mode) ? STORE_DIRECTORY
						: STORE_FILE;
	if (entry->kind == STORE_LINK)
		return look_at_link(listing, entry->name, &entry->file);
	return take_facts(&entry->file, &status);
}

static bool is_hidden(const char *name)
{
	return name[0] == '.' &&
	       (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || partial_name_is(name));
}

/* Is it a kind that may be served? */
static bool take_kind(enum store_kind *kind, unsigned char type)
{
	*kind = type == DT_REG   ? STORE_FILE
		: type == DT_DIR ? STORE_DIRECTORY
		: type == DT_LNK ? STORE_LINK
				 : STORE_UNKNOWN;
	return *kind != STORE_UNKNOWN || type == DT_UNKNOWN;
}

int store_list_name(struct store_listing *listing, struct store_entry *entry)
{
	const struct dirent *found;

	do {
		errno = 0;
		found = readdir(listing->stream);
		if (!found)
			return -errno;
	} while (is_hidden(found->d_name) || !take_kind(&entry->kind, found->d_type));
	entry->name = found->d_name;
	return 1;
}

int store_list_next(struct store_listing *listing, struct store_entry *entry)
{
	int got;

	while ((got = store_list_name(listing, entry)) > 0)
		if (store_list_look(listing, entry) == 0)
			break;
	return got;
}

void store_list_rewind(struct store_listing *listing)
{
	rewinddir(listing->stream);
}

void store_list_close(struct store_listing *listing)
{
	closedir(listing->stream);
	listing->stream = NULL;
}

/* ---- places ---- */

/* A directory that may be written but not read can still take files; it only cannot be synced. */
static int open_directory(const struct store *store, const struct vpath *directory)
{
	int descriptor = open_beneath(store, vpath_relative(directory), O_RDONLY | O_DIRECTORY);

	if (descriptor == -EACCES)
		descriptor = open_beneath(store, vpath_relative(directory), O_PATH | O_DIRECTORY);
	return descriptor;
}

int store_place_open(struct store_place *place, const struct store *store, const struct vpath *path)
{
	const char *name = vpath_name(path);
	struct vpath directory;

	if (name[0] == '\0')
		return -EISDIR;
	if (partial_name_is(name))
		return -EINVAL;
	vpath_parent(&directory, path);
	place->directory = open_directory(store, &directory);
	if (place->directory < 0)
		return place->directory;
	strcpy(place->name, name);
	return 0;
}

void store_place_close(struct store_place *place)
{
	if (place->directory >= 0)
		close(place->directory);
	place->directory = -1;
}

int store_place_mode(const struct store_place *place, mode_t *mode)
{
	struct stat status;

	if (fstatat(place->directory, place->name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	*mode = status.st_mode;
	return 0;
}

int store_place_create(const struct store_place *place, const char *name, bool fresh)
{
	int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | (fresh ? O_EXCL : 0);
	int descriptor = openat(place->directory, name, flags, 0666);
	struct stat status;

	if (descriptor < 0)
		return -errno;
	if (fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode))
		return descriptor;
	close(descriptor);
	return -EINVAL;
}

bool store_place_holds(const struct store_place *place, const char *name, int descriptor)
{
	struct stat named, open;

	return fstatat(place->directory, name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       fstat(descriptor, &open) == 0 && named.st_ino == open.st_ino &&
	       named.st_dev == open.st_dev;
}

int store_place_take_name(const struct store_place *place, const char *name)
{
	return renameat(place->directory, name, place->directory, place->name) < 0 ? -errno : 0;
}

int store_place_remove(const struct store_place *place, const char *name)
{
	return unlinkat(place->directory, name, 0) < 0 ? -errno : 0;
}

int store_place_sync(const struct store_place *place)
{
	if (fsync(place->directory) < 0)
		return errno == EBADF ? 0
				      : -errno; /* opened for writing only: see open_directory */
	return 0;
}

int64_t store_place_free_bytes(const struct store_place *place)
{
	struct statvfs system;

	int64_t bytes;

	/* No blocks at all: the file system does not count them. */
	if (fstatvfs(place->directory, &system) < 0 || system.f_blocks == 0 ||
		__builtin_mul_overflow(system.f_bavail, system.f_frsize, &bytes))
		return INT64_MAX;
	return bytes;
}
