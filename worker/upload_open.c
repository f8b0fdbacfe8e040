#include "worker/upload.h"

#include "common/rights.h"
#include "worker/store_refusal.h"
#include "worker/upload_target.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { UNIQUE_TRIES = 10000, DIGEST_CHUNK = 128 * 1024 };

/* ---- the partial ---- */

/* Mostly there is none, and one made this moment needs the fewest questions. */
static int open_shared(struct upload *upload, bool expect_one)
{
	int error = -EEXIST;

	partial_name_make(upload->partial, upload->place.name, "");
	if (!expect_one)
		error = partial_open(&upload->place, upload->partial, STORE_PLACE_FRESH);
	if (error == -EEXIST) {
		struct stat status;

		error = partial_open(&upload->place, upload->partial, STORE_PLACE_ANY);
		if (error >= 0) {
			upload->kept = fstat(error, &status) == 0 ? status.st_size : 0;
			partial_sweep_private(&upload->place, upload->place.name);
		}
		upload->counted = upload->kept;
	}
	upload->descriptor = error;
	return error < 0 ? error : 0;
}

static int open_own(struct upload *upload)
{
	/* One alone uses the room of what it replaces before that is gone. */
	upload->place.spare = (struct quota_spare){0};
	upload->all_or_nothing = true;
	upload->descriptor =
		partial_open_private(&upload->place, upload->partial, upload->place.name);
	return upload->descriptor < 0 ? upload->descriptor : 0;
}

static int open_partial(struct upload *upload, const struct upload_wish *wish)
{
	int error = open_shared(upload, wish->from != 0);

	if ((error == -EBUSY || error == -EACCES) && wish->kind != UPLOAD_RESUMABLE &&
		wish->from == 0)
		error = open_own(upload);
	return error;
}

/* ---- where it begins ---- */

static int begin_at(struct upload *upload, int64_t offset)
{
	upload->size = offset;
	return offset > 0 && lseek(upload->descriptor, offset, SEEK_SET) < 0 ? -errno : 0;
}

/* The sum of the bytes that an earlier attempt left. */
static int digest_kept(struct upload *upload)
{
	char *chunk = malloc(DIGEST_CHUNK);
	int64_t done = 0;
	int error = chunk ? 0 : -ENOMEM;

	while (error == 0 && done < upload->size) {
		size_t want = upload->size - done < DIGEST_CHUNK ? (size_t)(upload->size - done)
								 : DIGEST_CHUNK;
		ssize_t got = pread(upload->descriptor, chunk, want, done);

		if (got > 0) {
			digest_add(upload->digest, chunk, (size_t)got);
			done += got;
		} else if (got == 0 || errno != EINTR) {
			error = got == 0 ? -EIO : -errno;
		}
	}
	free(chunk);
	return error;
}

static int begin_resumable(struct upload *upload, int64_t from)
{
	int error = begin_at(upload, upload->kept < from ? upload->kept : from);

	if (error < 0)
		return error;
	upload->digest = digest_new();
	if (!upload->digest)
		return -ENOMEM;
	return upload->size > 0 ? digest_kept(upload) : 0;
}

static int begin_in_partial(struct upload *upload, int64_t from)
{
	if (from == UPLOAD_APPEND)
		from = upload->place.zone.may & RIGHT_resume ? upload->kept : 0;
	return from > upload->kept ? -ERANGE : begin_at(upload, from);
}

/* What an earlier attempt left is of no use, nor will be what this one leaves: where a file stands,
 * that is what a client is told of and goes on from. */
static int begin_with_base(
	struct upload *upload, const struct upload_wish *wish, const struct store_file *base)
{
	int64_t from = wish->from;

	if (from == UPLOAD_APPEND)
		from = base->size;
	if (from > base->size)
		return -ERANGE;
	upload->all_or_nothing = true;
	upload->base_inode = base->inode;
	if (quota_check_largest(upload->limits, (uint64_t)from) < 0)
		return -EFBIG;
	return upload_copy(upload, base->descriptor, from, wish->stop, wish->context, NULL);
}

/* The bytes are not shown to the client, so that no right to read them is needed; but in a tree
 * with zones a link might lead to bytes that he may not read, and then take them along. */
static int open_base(
	const struct upload *upload, const struct upload_wish *wish, struct store_file *base)
{
	if (wish->store->zones)
		return store_place_read(&upload->place, base);
	return store_open_file_for(wish->store, wish->path, 0, base);
}

static int begin_ftp(struct upload *upload, const struct upload_wish *wish)
{
	struct store_file base;
	int error;

	if (wish->from == 0)
		return 0;
	error = open_base(upload, wish, &base);
	if (error == -ENOENT)
		return begin_in_partial(upload, wish->from);
	if (error < 0)
		return error;
	error = begin_with_base(upload, wish, &base);
	close(base.descriptor);
	return error;
}

static int begin(struct upload *upload, const struct upload_wish *wish)
{
	switch (wish->kind) {
	case UPLOAD_RESUMABLE: return begin_resumable(upload, wish->from);
	case UPLOAD_SINGLE: return 0;
	case UPLOAD_FTP: return begin_ftp(upload, wish);
	}
	return -EINVAL;
}

/* ---- the place ---- */

static int open_place(struct upload *upload, const struct upload_wish *wish)
{
	uint32_t needed = RIGHT_put | (wish->from > 0 ? RIGHT_resume : 0);

	assert(wish->from >= 0 || (wish->kind == UPLOAD_FTP && wish->from == UPLOAD_APPEND));
	*upload = (struct upload){.place.directory = -1,
		.session = wish->session,
		.kind = wish->kind,
		.all_or_nothing = wish->kind == UPLOAD_SINGLE,
		.descriptor = -1,
		.limits = wish->store->quota};
	return store_place_open(&upload->place, wish->store, wish->path, needed);
}

/* What stands at the target decides before a byte is taken. */
static int check_target(struct upload *upload, const struct upload_wish *wish)
{
	struct stat status;
	int stands = upload_target_look(&upload->place, &status);

	if (stands <= 0)
		return stands;
	upload->stood = true;
	if (S_ISREG(status.st_mode))
		upload->place.spare = (struct quota_spare){status.st_size, 1};
	/* SIZE and REST are about the file as long as it stands: nobody would find the partial. */
	if (wish->kind == UPLOAD_FTP)
		upload->all_or_nothing = true;
	if (wish->from == UPLOAD_APPEND && !(upload->place.zone.may & RIGHT_append))
		return store_refusal_lack(&upload->place.zone, RIGHT_append);
	if (wish->from == UPLOAD_APPEND && S_ISREG(status.st_mode))
		return 0;
	return upload->place.zone.may & RIGHT_overwrite ? 0
							: store_refusal_exists(&upload->place.zone);
}

/* ---- unique names ---- */

static bool stands(const struct upload *upload)
{
	struct stat status;

	return store_place_look(&upload->place, &status) == 0;
}

/* Looks again once the partial keeps others from the name: the one who had it may have made it the
 * file in between. 0; -EEXIST when something has the name; or -errno. */
static int reserve(struct upload *upload)
{
	if (stands(upload))
		return -EEXIST;
	partial_name_make(upload->partial, upload->place.name, "");
	upload->descriptor = partial_open(&upload->place, upload->partial, STORE_PLACE_FRESH);
	if (upload->descriptor < 0)
		return upload->descriptor == -EBUSY ? -EEXIST : upload->descriptor;
	if (!stands(upload))
		return 0;
	(void)store_place_remove(&upload->place, upload->partial);
	close(upload->descriptor);
	upload->descriptor = -1;
	return -EEXIST;
}

static int reserve_unique_name(struct upload *upload, const char *wished)
{
	int error = reserve(upload);

	for (unsigned int i = 1; i < UNIQUE_TRIES && error == -EEXIST; i++) {
		int length = snprintf(
			upload->place.name, sizeof(upload->place.name), "%s.%u", wished, i);

		error = length < (int)sizeof(upload->place.name) ? reserve(upload) : -ENAMETOOLONG;
	}
	return error;
}

/* ---- opening ---- */

static int open_for_unique_name(struct upload *upload)
{
	char wished[VPATH_NAME_LONGEST + 1];

	strcpy(wished, upload->place.name);
	upload->unique = true;
	return reserve_unique_name(upload, wished);
}

static bool is_drop_box(const struct upload *upload)
{
	return !(upload->place.zone.may & (RIGHT_list | RIGHT_get | RIGHT_overwrite));
}

static int open_by_name(struct upload *upload, const struct upload_wish *wish)
{
	int error = check_target(upload, wish);

	return error < 0 ? error : open_partial(upload, wish);
}

static int open_in_box(struct upload *upload)
{
	if (!(upload->place.zone.may & RIGHT_resume))
		upload->all_or_nothing = true;
	return open_for_unique_name(upload);
}

static int begun(struct upload *upload, int error)
{
	if (error < 0)
		upload_abandon(upload);
	return error;
}

int upload_open(struct upload *upload, const struct upload_wish *wish)
{
	int error = open_place(upload, wish);

	if (error == 0)
		error = wish->from == 0 && !wish->exact && is_drop_box(upload)
				? open_in_box(upload)
				: open_by_name(upload, wish);
	if (error == 0)
		error = begin(upload, wish);
	return begun(upload, error);
}

int upload_open_unique(struct upload *upload, const struct upload_wish *wish, struct vpath *made)
{
	int error = open_place(upload, wish);

	assert(wish->from == 0);
	if (error == 0)
		error = open_for_unique_name(upload);
	if (error == 0)
		error = begin(upload, wish);
	if (error == 0) {
		vpath_parent(made, wish->path);
		error = vpath_resolve(made, made, upload->place.name, strlen(upload->place.name));
	}
	return begun(upload, error);
}

const char *upload_other_name(const struct upload *upload, const struct vpath *path)
{
	return strcmp(upload->place.name, vpath_name(path)) == 0 ? NULL : upload->place.name;
}

const struct vpath *upload_path(
	const struct upload *upload, const struct vpath *path, struct vpath *made)
{
	const char *other = upload_other_name(upload, path);

	if (!other)
		return path;
	vpath_parent(made, path);
	return vpath_resolve(made, made, other, strlen(other)) < 0 ? path : made;
}
