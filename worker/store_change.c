#include "worker/store_change.h"

#include "common/rights.h"
#include "worker/partial.h"
#include "worker/store_refusal.h"
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
	return is_served(status.st_mode) ? store_place_remove(place, place->name)
					 : store_refusal_kind();
}

int store_remove_file(const struct store *store, const struct vpath *path)
{
	struct store_place place;
	int error;

	/* What no file can be is told so, as the root is. */
	if (partial_name_is(vpath_name(path)))
		error = store_place_open_standing(&place, store, path, RIGHT_delete);
	else
		error = store_place_open(&place, store, path, RIGHT_delete);
	if (error < 0)
		return error;
	error = remove_standing_file(&place);
	if (error == 0)
		partial_sweep_private(&place, place.name);
	store_place_close(&place);
	return error;
}

/* A directory that moves must not take the place of an empty one; what is the same file already
 * replaces nothing (a name in other letters, where the file system tells no difference). */
static int take_name(
	const struct store_place *from, const struct store_place *to, const struct stat *moved)
{
	struct stat there;
	int error = store_place_look(to, &there);
	bool same = error == 0 && there.st_ino == moved->st_ino && there.st_dev == moved->st_dev;
	bool may_overwrite = to->zone.may & RIGHT_overwrite;
	bool replace = same || (!S_ISDIR(moved->st_mode) && may_overwrite);

	if (error == 0 && !same && S_ISDIR(there.st_mode))
		return -EISDIR;
	if (error == 0 && !is_served(there.st_mode))
		return store_refusal_kind();
	if (error < 0 && error != -ENOENT)
		return error;
	error = store_place_take_name(to, from->directory, from->name, replace);
	return error == -EEXIST && !may_overwrite ? store_refusal_exists(&to->zone) : error;
}

/* What may not be read or listed where it is must not become so by another place. */
static int check_gain(const struct store_place *from, const struct store_place *to, mode_t mode)
{
	uint32_t seen = RIGHT_get | (S_ISDIR(mode) ? RIGHT_list : 0);
	uint32_t gained = to->zone.may & ~from->zone.may & seen;

	return gained ? store_refusal_lack(&from->zone, gained) : 0;
}

/* From where it counts to where it does not, or the other way round: as if to another disk. */
static bool leaves_quota(const struct store_place *from, const struct store_place *to)
{
	return from->quota != to->quota &&
	       (quota_is_counted(from->quota) || quota_is_counted(to->quota));
}

static int move(const struct store *store, const struct store_place *from, const struct vpath *path)
{
	struct store_place to = {.directory = -1};
	struct stat moved;
	int error = store_place_look(from, &moved);

	if (error == 0 && !is_served(moved.st_mode))
		error = store_refusal_kind();
	if (error == 0)
		error = store_place_open(&to, store, path, RIGHT_rename);
	if (error < 0)
		return error;
	error = check_gain(from, &to, moved.st_mode);
	if (error == 0 && S_ISDIR(moved.st_mode) && to.fixed)
		error = store_refusal_fixed();
	if (error == 0 && leaves_quota(from, &to))
		error = -EXDEV;
	if (error == 0)
		error = take_name(from, &to, &moved);
	store_place_close(&to);
	return error;
}

int store_rename(const struct store *store, const struct vpath *from, const struct vpath *to)
{
	struct store_place place;
	int error = store_place_open_standing(&place, store, from, RIGHT_rename);

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
	int error = store_place_open(&place, store, path, RIGHT_mkdir);

	if (error < 0)
		return error == -EISDIR ? -EEXIST : error;
	error = store_place_make_directory(&place, place.name);
	store_place_close(&place);
	return error;
}

/* Goes from the open directory into the one that the path's first `length` bytes name, making it if
 * need be. Only where a link stands is it walked to from the root. The directory, or -errno. */
static int go_down(
	const struct store *store, const struct vpath *path, size_t length, int directory)
{
	const struct store_place place = {.directory = directory, .quota = store->quota};
	struct vpath here;
	const char *name;
	int next, error = vpath_resolve(&here, NULL, path->text, length);

	if (error < 0)
		return error;
	name = vpath_name(&here);
	if (partial_name_is(name))
		return -EINVAL;
	error = store_place_make_directory(&place, name);
	if (error < 0 && error != -EEXIST)
		return error;
	next = openat(directory, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (next < 0 && errno == ENOTDIR)
		return store_walk_open(store, &here, 0, O_PATH | O_DIRECTORY);
	return next < 0 ? store_walk_error() : next;
}

static int make_by_names(const struct store *store, const struct vpath *path)
{
	struct vpath root;
	int directory;

	vpath_root(&root);
	directory = store_walk_open(store, &root, 0, O_PATH | O_DIRECTORY);
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

/* In a tree with zones: the right is needed where a directory is made, and not where one is. */
static int make_if_missing(const struct store *store, const struct vpath *path)
{
	struct store_file file;
	int error = store_look_for(store, path, 0, &file);

	if (error == 0)
		return file.directory ? 0 : -ENOTDIR;
	if (error == -ENOENT)
		error = store_make_directory(store, path);
	return error == -EEXIST ? 0 : error;
}

static int make_by_paths(const struct store *store, const struct vpath *path)
{
	struct vpath here;
	int error = 0;

	for (size_t length = 1; error == 0 && length < path->length; length++) {
		length += strcspn(path->text + length, "/");
		error = vpath_resolve(&here, NULL, path->text, length);
		if (error == 0)
			error = make_if_missing(store, &here);
	}
	return error;
}

int store_make_directories(const struct store *store, const struct vpath *path)
{
	struct zone zone = store_walk_zone(store, path);
	int error = store_refusal_check(&zone, RIGHT_mkdir);

	if (error < 0)
		return error;
	return store->zones ? make_by_paths(store, path) : make_by_names(store, path);
}

/* ---- room ---- */

int64_t store_free_bytes(const struct store *store, const struct vpath *directory)
{
	struct zone zone = store_walk_zone(store, directory);
	struct store_place place = {.quota = store_place_quota(store, &zone)};
	int64_t bytes;

	place.directory = store_walk_open(store, directory, RIGHT_put, O_PATH | O_DIRECTORY);
	if (place.directory < 0)
		return place.directory;
	bytes = store_place_free_bytes(&place);
	store_place_close(&place);
	return bytes;
}
