#include "worker/store_change.h"

#include "common/rights.h"
#include "worker/partial.h"
#include "worker/store_walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A level of a tree holds a descriptor while it is emptied. */
enum { DEEPEST = 128, PASSES = 16 };

static int remove_empty(int directory, const char *name, struct quota *quota)
{
	const struct store_place place = {.directory = directory, .quota = quota};

	return store_place_remove_directory(&place, name);
}

/* POSIX lets rmdir(2) say either. */
static bool is_not_empty(int error)
{
	return error == -ENOTEMPTY || error == -EEXIST;
}

/* Never through a link. NULL and errno. */
static DIR *open_inside(int directory, const char *name)
{
	int inside = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *stream = inside < 0 ? NULL : fdopendir(inside);
	int error = errno;

	if (!stream && inside >= 0)
		close(inside);
	errno = error;
	return stream;
}

/* The next name but "." and "..". 1, 0 at the end, or -errno. */
static int next_name(DIR *stream, const struct dirent **entry)
{
	do {
		errno = 0;
		*entry = readdir(stream);
		if (!*entry)
			return -errno;
	} while (strcmp((*entry)->d_name, ".") == 0 || strcmp((*entry)->d_name, "..") == 0);
	return 1;
}

static int remove_partial(DIR *stream, const char *name, struct quota *quota)
{
	const struct store_place place = {.directory = dirfd(stream), .quota = quota};
	int error = partial_remove(&place, name);

	return error == -ENOENT ? 0 : error;
}

/* ---- one directory ---- */

static int hold_only_partials(DIR *stream)
{
	const struct dirent *entry;
	int got;

	while ((got = next_name(stream, &entry)) > 0) {
		bool file = entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN;

		if (!file || !partial_name_is(entry->d_name))
			return -ENOTEMPTY;
	}
	return got;
}

/* Nothing is touched unless all of it may go. */
static int remove_partials(int directory, const char *name, struct quota *quota)
{
	const struct dirent *entry;
	DIR *stream = open_inside(directory, name);
	int got, error = 0;

	if (!stream)
		return store_walk_error();
	error = hold_only_partials(stream);
	rewinddir(stream);
	while (error == 0 && (got = next_name(stream, &entry)) != 0)
		error = got < 0 ? got : remove_partial(stream, entry->d_name, quota);
	closedir(stream);
	return error;
}

static int remove_directory(const struct store_place *place)
{
	int error = remove_empty(place->directory, place->name, place->quota);

	if (is_not_empty(error)) {
		error = remove_partials(place->directory, place->name, place->quota);
		if (error == 0)
			error = remove_empty(place->directory, place->name, place->quota);
	}
	return is_not_empty(error) ? -ENOTEMPTY : error;
}

int store_remove_directory(const struct store *store, const struct vpath *path)
{
	struct store_place place;
	int error = store_place_open_standing(&place, store, path, RIGHT_rmdir);

	if (error < 0)
		return error;
	error = remove_directory(&place);
	store_place_close(&place);
	return error;
}

/* ---- a tree ---- */

struct removal {
	int (*stop)(void *context);
	void *context;
	struct quota *quota;
};

static int remove_below(const struct removal *removal, int directory, const char *name, int depth);

static mode_t kind_of(DIR *stream, const struct dirent *entry)
{
	struct stat status;

	if (entry->d_type != DT_UNKNOWN)
		return DTTOIF(entry->d_type);
	return fstatat(dirfd(stream), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0
		       ? status.st_mode & S_IFMT
		       : 0;
}

/* 0 also when somebody else was faster. */
static int remove_entry(
	const struct removal *removal, DIR *stream, const struct dirent *entry, int depth)
{
	const struct store_place place = {.directory = dirfd(stream), .quota = removal->quota};
	mode_t kind = kind_of(stream, entry);
	int error = removal->stop ? removal->stop(removal->context) : 0;

	if (error != 0)
		return error;
	if (kind == S_IFDIR)
		error = remove_below(removal, dirfd(stream), entry->d_name, depth);
	else if (kind == S_IFREG && partial_name_is(entry->d_name))
		error = remove_partial(stream, entry->d_name, removal->quota);
	else if (kind != S_IFREG && kind != S_IFLNK)
		error = -ENOTEMPTY;
	else
		error = store_place_remove(&place, entry->d_name);
	return error == -ENOENT ? 0 : error;
}

static int remove_inside(const struct removal *removal, int directory, const char *name, int depth)
{
	const struct dirent *entry;
	DIR *stream = open_inside(directory, name);
	int got, error = 0;

	if (!stream)
		return store_walk_error();
	while (error == 0 && (got = next_name(stream, &entry)) != 0)
		error = got < 0 ? got : remove_entry(removal, stream, entry, depth + 1);
	closedir(stream);
	return error;
}

/* More than one pass: a file system may leave names out of a directory that changes while it is
 * read, and somebody else may add some. */
static int remove_below(const struct removal *removal, int directory, const char *name, int depth)
{
	int error = remove_empty(directory, name, removal->quota);

	for (int i = 0; i < PASSES && is_not_empty(error); i++) {
		error = depth < DEEPEST ? remove_inside(removal, directory, name, depth) : -ELOOP;
		if (error == 0)
			error = remove_empty(directory, name, removal->quota);
		else if (is_not_empty(error))
			return -ENOTEMPTY;
	}
	return is_not_empty(error) ? -ENOTEMPTY : error;
}

int store_remove_tree(const struct store *store, const struct vpath *path,
	int (*stop)(void *context), void *context)
{
	struct removal removal = {.stop = stop, .context = context};
	struct store_place place;
	int error = store_place_open_standing(&place, store, path, RIGHT_rmdir | RIGHT_delete);

	if (error < 0)
		return error;
	removal.quota = place.quota;
	error = remove_below(&removal, place.directory, place.name, 0);
	store_place_close(&place);
	return error;
}
