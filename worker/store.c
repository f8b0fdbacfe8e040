#include "worker/store.h"

#include "common/rights.h"
#include "worker/partial_name.h"
#include "worker/store_facts.h"
#include "worker/store_place.h"
#include "worker/store_refusal.h"
#include "worker/store_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int store_open(struct store *store, const char *root)
{
	store->may = RIGHTS_ALL;
	store->zones = NULL;
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

/* O_NONBLOCK: opening a pipe nobody writes to must not wait; files do not care. */
int store_open_file_for(const struct store *store, const struct vpath *path, uint32_t rights,
	struct store_file *file)
{
	struct zone zone = store_walk_zone(store, path);
	int descriptor, error = store_refusal_check(&zone, rights);

	if (error < 0)
		return error;
	if (partial_name_is(vpath_name(path)))
		return -ENOENT;
	descriptor = store_walk_open(store, path, rights, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (descriptor < 0)
		return descriptor == -ENXIO ? store_refusal_kind() : descriptor;
	error = store_facts_look(file, descriptor);
	if (error == 0 && file->directory)
		error = -EISDIR;
	if (error < 0) {
		close(descriptor);
		return error;
	}
	file->descriptor = descriptor;
	return 0;
}

int store_open_file(const struct store *store, const struct vpath *path, struct store_file *file)
{
	return store_open_file_for(store, path, RIGHT_get, file);
}

/* A directory above a mount that the disk has not. It is as old as the mount, and so that it is
 * nothing's twin, on no disk. */
static int look_above_mount(
	const struct store *store, const struct vpath *path, struct store_file *file)
{
	const struct zone *mount = zones_mount_below(store->zones, path);
	int error = mount ? store_facts_look(file, mount->root) : -ENOENT;

	if (error < 0)
		return error;
	file->mode = 0555;
	file->device = 0;
	file->inode = path->length;
	file->may = store_walk_may(store, path) & RIGHT_list;
	return 0;
}

/* What stands there, for who has the rights where it stands; *path loses its links. */
static int look(
	const struct store *store, struct vpath *path, uint32_t rights, struct store_file *file)
{
	int descriptor = store_walk_open_real(store, path, rights, O_PATH);
	bool missing = descriptor == -ENOENT || descriptor == -ENOTDIR;
	int error;

	if (descriptor < 0)
		return missing && zones_mount_below(store->zones, path)
			       ? look_above_mount(store, path, file)
			       : descriptor;
	error = store_facts_look(file, descriptor);
	close(descriptor);
	if (error == 0)
		file->may = store_walk_may(store, path);
	return error;
}

int store_look_for(const struct store *store, const struct vpath *path, uint32_t rights,
	struct store_file *file)
{
	struct zone zone = store_walk_zone(store, path);
	int error = store_refusal_check(&zone, rights);
	struct vpath real;

	if (error < 0)
		return error;
	if (partial_name_is(vpath_name(path)))
		return -ENOENT;
	real = *path;
	return look(store, &real, rights, file);
}

int store_look(const struct store *store, const struct vpath *path, struct store_file *file)
{
	static const uint32_t either = RIGHT_list | RIGHT_get;
	struct zone zone = store_walk_zone(store, path);
	int error = store_refusal_check_any(&zone, either);
	struct vpath real;

	if (error < 0)
		return error;
	if (partial_name_is(vpath_name(path)))
		return -ENOENT;
	real = *path;
	error = look(store, &real, 0, file);
	zone = store_walk_zone(store, &real);
	return error < 0 ? error : store_refusal_check_any(&zone, either);
}

/* Asked again where the links on the way have led. */
static int may_enter(const struct store *store, const struct vpath *path)
{
	struct zone zone = store_walk_zone(store, path);

	return path->length == 1 || zones_hold(store->zones, path)
		       ? 0
		       : store_refusal_check_any(&zone, RIGHTS_ALL);
}

int store_enter(const struct store *store, const struct vpath *path)
{
	struct store_file file;
	struct vpath real = *path;
	int error = may_enter(store, path);

	if (error < 0)
		return error;
	if (partial_name_is(vpath_name(path)))
		return -ENOENT;
	error = look(store, &real, 0, &file);
	if (error == 0)
		error = may_enter(store, &real);
	if (error < 0)
		return error;
	return file.directory ? 0 : -ENOTDIR;
}

/* Where a file stands, it is the file that a client means. */
static int open_unfinished(
	struct store_place *place, const struct store *store, const struct vpath *path)
{
	int descriptor;

	if (partial_name_is(vpath_name(path)))
		return -ENOENT;
	descriptor = store_walk_open(store, path, RIGHT_put, O_PATH);
	if (descriptor >= 0)
		close(descriptor);
	if (descriptor != -ENOENT)
		return descriptor < 0 ? descriptor : -ENOENT;
	return store_place_open(place, store, path, RIGHT_put);
}

int store_look_partial(const struct store *store, const struct vpath *path, struct store_file *file)
{
	struct zone zone = store_walk_zone(store, path);
	int error = store_refusal_check(&zone, RIGHT_put);
	struct store_place place = {.directory = -1};
	char partial[PARTIAL_NAME];
	struct stat status;

	if (error == 0)
		error = open_unfinished(&place, store, path);
	if (error < 0)
		return error;
	partial_name_make(partial, place.name, "");
	if (fstatat(place.directory, partial, &status, AT_SYMLINK_NOFOLLOW) < 0)
		error = store_walk_error();
	else
		error = S_ISREG(status.st_mode) ? store_facts_take(file, &status) : -ENOENT;
	if (error == 0)
		file->may = place.zone.may;
	store_place_close(&place);
	return error;
}
