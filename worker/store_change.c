#include "worker/store_change.h"

#include "common/rights.h"
#include "worker/partial.h"
#include "worker/store_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- names ---- */

static bool is_served(mode_t mode)
{
	return S_ISREG(mode) || S_ISDIR(mode) || S_ISLNK(mode);
}

static int remove_standing_file(const struct store_place *place)
{
	char partial[PARTIAL_NAME];
	struct stat status;
	int error = store_place_look(place, &status);

	if (error == -ENOENT) {
		partial_name_make(partial, place->name, "");
		return partial_remove(place, partial);
	}
	if (error < 0)
		return error;
	if (S_ISDIR(status.st_mode))
		return -EISDIR;
	return is_served(status.st_mode) ? store_place_remove(place, place->name) : -EACCES;
}

int store_remove_file(const struct store *store, const struct vpath *path)
{
	struct store_place place;
	int error = rights_check(store->may, RIGHT_delete);

	if (error == 0)
		error = vpath_name(path)[0] == '\0'
				? -EISDIR
				: store_place_open_standing(&place, store, path);
	if (error < 0)
		return error;
	error = remove_standing_file(&place);
	store_place_close(&place);
	return error;
}

/* A directory that moves must not take the place of an empty one; what is the same file already
 * replaces nothing (a name in other letters, where the file system tells no difference). */
static int take_name(const struct store *store, const struct store_place *from,
	const struct store_place *to, const struct stat *moved)
{
	struct stat there;
	int error = store_place_look(to, &there);
	bool same = error == 0 && there.st_ino == moved->st_ino && there.st_dev == moved->st_dev;
	bool replace = same || (!S_ISDIR(moved->st_mode) && (store->may & RIGHT_overwrite));

	if (error == 0 && !same && S_ISDIR(there.st_mode))
		return -EISDIR;
	if (error == 0 && !is_served(there.st_mode))
		return -EACCES;
	if (error < 0 && error != -ENOENT)
		return error;
	return store_place_take_name(to, from->directory, from->name, replace);
}

static int move(const struct store *store, const struct store_place *from, const struct vpath *path)
{
	struct store_place to;
	struct stat moved;
	int error = store_place_look(from, &moved);

	if (error == 0 && !is_served(moved.st_mode))
		error = -EACCES;
	if (error == 0)
		error = store_place_open(&to, store, path);
	if (error < 0)
		return error;
	error = take_name(store, from, &to, &moved);
	store_place_close(&to);
	return error;
}

int store_rename(const struct store *store, const struct vpath *from, const struct vpath *to)
{
	struct store_place place;
	int error = rights_check(store->may, RIGHT_rename);

	if (error == 0)
		error = store_place_open_standing(&place, store, from);
	if (error < 0)
		return error;
	error = move(store, &place, to);
	store_place_close(&place);
	return error;
}

/* ---- directories ---- */

int store_make_directory(const struct store *store, const struct vpath *path)
{
	struct store_place place;
	int error = rights_check(store->may, RIGHT_mkdir);

	if (error == 0)
		error = store_place_open(&place, store, path);
	if (error < 0)
		return error == -EISDIR ? -EEXIST : error;
	if (mkdirat(place.directory, place.name, 0777) < 0)
		error = store_walk_error();
	store_place_close(&place);
	return error;
}

/* Goes from the open directory into the one that the path's first `length` bytes name, making it if
 * need be. Only where a link stands is it walked to from the root. The directory, or -errno. */
static int go_down(
	const struct store *store, const struct vpath *path, size_t length, int directory)
{
	struct vpath here;
	const char *name;
	int next, error = vpath_resolve(&here, NULL, path->text, length);

	if (error < 0)
		return error;
	name = vpath_name(&here);
	if (partial_name_is(name))
		return -EINVAL;
	if (mkdirat(directory, name, 0777) < 0 && errno != EEXIST)
		return store_walk_error();
	next = openat(directory, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (next < 0 && errno == ENOTDIR)
		return store_walk_open(store, &here, O_PATH | O_DIRECTORY);
	return next < 0 ? store_walk_error() : next;
}

int store_make_directories(const struct store *store, const struct vpath *path)
{
	struct vpath root;
	int directory = rights_check(store->may, RIGHT_mkdir);

	vpath_root(&root);
	if (directory == 0)
		directory = store_walk_open(store, &root, O_PATH | O_DIRECTORY);
	for (size_t length = 1; directory >= 0 && length < path->length; length++) {
		int next;

		length += strcspn(path->text + length, "/");
		next = go_down(store, path, length, directory);
		close(directory);
		directory = next;
	}
	if (directory < 0)
		return directory;
	close(directory);
	return 0;
}

/* ---- room ---- */

int64_t store_free_bytes(const struct store *store, const struct vpath *directory)
{
	int error = rights_check(store->may, RIGHT_put);
	struct store_place place = {0};
	int64_t bytes;

	if (error == 0)
		error = place.directory = store_walk_open(store, directory, O_PATH | O_DIRECTORY);
	if (error < 0)
		return error;
	bytes = store_place_free_bytes(&place);
	store_place_close(&place);
	return bytes;
}
