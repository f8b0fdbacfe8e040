#include "worker/store.h"

#include "common/rights.h"
#include "worker/partial_name.h"
#include "worker/store_place.h"
#include "worker/store_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
	int error = rights_check(store->may, RIGHT_get);
	int descriptor;

	if (error < 0)
		return error;
	if (partial_name_is(vpath_name(path)))
		return -ENOENT;
	descriptor = store_walk_open(store, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
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

int store_look_for(const struct store *store, const struct vpath *path, uint32_t rights,
	struct store_file *file)
{
	int error = rights_check(store->may, rights);
	int descriptor;

	if (error < 0)
		return error;
	if (partial_name_is(vpath_name(path)))
		return -ENOENT;
	descriptor = store_walk_open(store, path, O_PATH);
	if (descriptor < 0)
		return descriptor;
	error = facts(file, descriptor);
	close(descriptor);
	return error;
}

int store_look(const struct store *store, const struct vpath *path, struct store_file *file)
{
	if (!(store->may & (RIGHT_list | RIGHT_get)))
		return -EPERM;
	return store_look_for(store, path, 0, file);
}

/* Where a file stands, it is the file that a client means. */
static int open_unfinished(
	struct store_place *place, const struct store *store, const struct vpath *path)
{
	int descriptor;

	if (partial_name_is(vpath_name(path)))
		return -ENOENT;
	descriptor = store_walk_open(store, path, O_PATH);
	if (descriptor >= 0)
		close(descriptor);
	if (descriptor != -ENOENT)
		return descriptor < 0 ? descriptor : -ENOENT;
	return store_place_open(place, store, path);
}

int store_look_partial(const struct store *store, const struct vpath *path, struct store_file *file)
{
	int error = rights_check(store->may, RIGHT_put);
	char partial[PARTIAL_NAME];
	struct store_place place;
	struct stat status;

	if (error == 0)
		error = open_unfinished(&place, store, path);
	if (error < 0)
		return error;
	partial_name_make(partial, place.name, "");
	if (fstatat(place.directory, partial, &status, AT_SYMLINK_NOFOLLOW) < 0)
		error = store_walk_error();
	else
		error = S_ISREG(status.st_mode) ? take_facts(file, &status) : -ENOENT;
	store_place_close(&place);
	return error;
}

/* ---- listing ---- */

int store_list(struct store_listing *listing, const struct store *store, const struct vpath *path)
{
	int descriptor = rights_check(store->may, RIGHT_list);

	if (descriptor == 0)
		descriptor = store_walk_open(store, path, O_RDONLY | O_DIRECTORY);
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
