#include "worker/store_place.h"

#include "worker/quota_count.h"
#include "worker/store_walk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* ---- what is made ---- */

static int create(const struct store_place *place, const char *name, enum store_place_way way)
{
	static const int ways[] = {[STORE_PLACE_FRESH] = O_CREAT | O_EXCL,
		[STORE_PLACE_ANY] = O_CREAT,
		[STORE_PLACE_STANDING] = 0};
	int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | ways[way];
	int descriptor = openat(place->directory, name, flags, 0666);
	struct stat status;

	if (descriptor < 0)
		return store_walk_error();
	/* What was created this moment is a regular file. */
	if (way == STORE_PLACE_FRESH ||
		(fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)))
		return descriptor;
	close(descriptor);
	return -EINVAL;
}

/* Made first, where it is to be counted, and opened only where one stands: else nobody would know
 * which it was. */
static int create_counted(struct quota_change *change, const struct store_place *place,
	const char *name, enum store_place_way way)
{
	int error = quota_grow(change, &place->spare, 0, 1);

	if (error == 0) {
		int descriptor = create(place, name, STORE_PLACE_FRESH);

		if (descriptor >= 0)
			return descriptor;
		quota_shrink(change, 0, 1);
		error = descriptor;
	}
	if (way == STORE_PLACE_ANY && (error == -EEXIST || error == -EDQUOT)) {
		int descriptor = create(place, name, STORE_PLACE_STANDING);

		return descriptor == -ENOENT ? error : descriptor;
	}
	return error;
}

int store_place_create(const struct store_place *place, const char *name, enum store_place_way way)
{
	struct quota_change change;
	int descriptor;

	if (way == STORE_PLACE_STANDING)
		return create(place, name, way);
	descriptor = quota_begin(&change, place->quota);
	if (descriptor < 0)
		return descriptor;
	descriptor = quota_counts(&change) ? create_counted(&change, place, name, way)
					   : create(place, name, way);
	quota_end(&change);
	return descriptor;
}

static bool stands(const struct store_place *place, const char *name)
{
	struct stat status;

	return fstatat(place->directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A directory, or the link if there is a target. */
static int make(const struct store_place *place, const char *name, const char *target)
{
	struct quota_change change;
	int error = quota_begin(&change, place->quota);

	if (error < 0)
		return error;
	error = quota_grow(&change, NULL, 0, 1);
	if (error == -EDQUOT && stands(place, name)) {
		error = -EEXIST;
	} else if (error == 0) {
		if ((target ? symlinkat(target, place->directory, name)
			    : mkdirat(place->directory, name, 0777)) < 0) {
			error = store_walk_error();
			quota_shrink(&change, 0, 1);
		}
	}
	quota_end(&change);
	return error;
}

int store_place_make_directory(const struct store_place *place, const char *name)
{
	return make(place, name, NULL);
}

int store_place_make_link(const struct store_place *place, const char *target)
{
	return make(place, place->name, target);
}

/* ---- what takes a name ---- */

static int replace_by(const struct store_place *place, int from, const char *name)
{
	return renameat(from, name, place->directory, place->name) < 0 ? store_walk_error() : 0;
}

/* Where the file system knows no RENAME_NOREPLACE (EINVAL; NFS does not), a second name for the
 * file is refused as surely where one stands. Where it knows no second names either, or it is a
 * directory, looking first is all that is left. */
static int take_free_name(const struct store_place *place, int from, const char *name)
{
	struct stat status;

	if (renameat2(from, name, place->directory, place->name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL)
		return store_walk_error();
	if (linkat(from, name, place->directory, place->name, 0) == 0)
		return unlinkat(from, name, 0) < 0 ? store_walk_error() : 0;
	if (errno == EEXIST || store_place_look(place, &status) == 0)
		return -EEXIST;
	return replace_by(place, from, name);
}

/* What the file of that name would take the place of; what is the same one already counts for
 * nothing. */
static struct ledger_use what_goes(const struct store_place *place, int from, const char *name)
{
	struct ledger_use nothing = {0};
	struct stat there, coming;

	if (store_place_look(place, &there) < 0 ||
		(fstatat(from, name, &coming, AT_SYMLINK_NOFOLLOW) == 0 &&
			there.st_ino == coming.st_ino && there.st_dev == coming.st_dev))
		return nothing;
	return quota_count_one(&there);
}

int store_place_take_name(const struct store_place *place, int from, const char *name, bool replace)
{
	struct quota_change change;
	struct ledger_use goes = {0};
	int error = quota_begin(&change, place->quota);

	if (error < 0)
		return error;
	if (quota_counts(&change)) {
		goes = what_goes(place, from, name);
		/* What was spare may have been used by somebody else meanwhile. */
		if (place->spare.files > 0)
			error = quota_fits_without(&change, &goes);
	}
	if (error == 0)
		error = replace ? replace_by(place, from, name) : take_free_name(place, from, name);
	if (error == 0)
		quota_shrink(&change, goes.bytes, goes.files);
	quota_end(&change);
	return error;
}

/* ---- what goes ---- */

static int remove_counted(const struct store_place *place, const char *name, int flags)
{
	struct quota_change change;
	struct ledger_use goes = {0};
	struct stat status;
	int error = quota_begin(&change, place->quota);

	if (error < 0)
		return error;
	if (quota_counts(&change) &&
		fstatat(place->directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0)
		goes = quota_count_one(&status);
	if (unlinkat(place->directory, name, flags) < 0)
		error = store_walk_error();
	else
		quota_shrink(&change, goes.bytes, goes.files);
	quota_end(&change);
	return error;
}

int store_place_remove(const struct store_place *place, const char *name)
{
	return remove_counted(place, name, 0);
}

int store_place_remove_directory(const struct store_place *place, const char *name)
{
	return remove_counted(place, name, AT_REMOVEDIR);
}
