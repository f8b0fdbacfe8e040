#include "worker/upload.h"

#include "common/rights.h"
#include "worker/copy.h"
#include "worker/events.h"
#include "worker/session.h"
#include "worker/store_refusal.h"
#include "worker/upload_target.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { COPY_STEP = 64 * 1024 * 1024 };

/* ---- what comes ---- */

/* Over a limit there is nothing to resume: all of it goes. */
static int note_refusal(struct upload *upload, int error)
{
	upload->refused |= error == -EFBIG || error == -EDQUOT;
	return error;
}

static int check_largest(const struct upload *upload, uint64_t more)
{
	return quota_check_largest(upload->limits, (uint64_t)upload->size + more);
}

int upload_fits(const struct upload *upload, int64_t bytes)
{
	const struct store_place *place = &upload->place;
	int error = check_largest(upload, (uint64_t)bytes);
	int64_t left, grows;

	if (error < 0)
		return error;
	left = quota_left(place->quota, &place->spare);
	if (left < 0)
		return (int)left;
	if (__builtin_add_overflow(bytes, upload->size - upload->counted, &grows) || grows > left)
		return left < INT64_MAX ? quota_refuse_bytes(place->quota) : -ENOSPC;
	return bytes > store_place_free_bytes(place) ? -ENOSPC : 0;
}

/* Not before there is something in its place: an upload that is refused early takes nothing away.
 */
static int cut_kept(struct upload *upload)
{
	if (upload->kept > upload->size && ftruncate(upload->descriptor, upload->size) < 0)
		return -errno;
	upload->kept = 0;
	return 0;
}

/* What was counted for the partial and does not stand in it. */
static void count_off(struct upload *upload, struct quota_change *change)
{
	int64_t stands = upload->kept > upload->size ? upload->kept : upload->size;

	if (upload->counted > stands) {
		quota_shrink(change, upload->counted - stands, 0);
		upload->counted = stands;
	}
}

static int count_on(struct upload *upload, struct quota_change *change, int64_t more)
{
	int64_t grows = upload->size + more - upload->counted;
	int error = quota_grow(change, &upload->place.spare, grows > 0 ? grows : 0, 0);

	if (error == 0 && grows > 0)
		upload->counted += grows;
	return error;
}

/* For `more` bytes behind what came so far; begins a change of the quota, which is due to end if it
 * returns 0. */
static int make_room(struct upload *upload, struct quota_change *change, int64_t more)
{
	int error = check_largest(upload, (uint64_t)more);

	if (error < 0)
		return note_refusal(upload, error);
	error = quota_begin(change, upload->place.quota);
	if (error < 0)
		return error;
	error = cut_kept(upload);
	count_off(upload, change);
	if (error == 0)
		error = count_on(upload, change, more);
	if (error < 0)
		quota_end(change);
	return note_refusal(upload, error);
}

static void end_change(struct upload *upload, struct quota_change *change)
{
	count_off(upload, change);
	quota_end(change);
}

static int write_all(struct upload *upload, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(upload->descriptor, bytes, length);

		if (written < 0 && errno != EINTR)
			return quota_disk_error(-errno);
		if (written > 0) {
			bytes += written;
			length -= (size_t)written;
			upload->size += written;
		}
	}
	return 0;
}

int upload_write(struct upload *upload, const void *bytes, size_t length)
{
	struct quota_change change;
	int error = make_room(upload, &change, (int64_t)length);

	if (error < 0)
		return error;
	error = write_all(upload, bytes, length);
	end_change(upload, &change);
	if (error == 0 && upload->digest)
		digest_add(upload->digest, bytes, length);
	return error;
}

/* A copy that broke off has got somewhere. */
static void measure(struct upload *upload)
{
	struct stat status;

	if (fstat(upload->descriptor, &status) == 0)
		upload->size = status.st_size;
}

/* In steps, so that others get to change the tree in between. */
static int copy_some(struct upload *upload, int file, int64_t offset, int64_t count,
	int (*stop)(void *context), void *context, _Atomic uint64_t *progress)
{
	struct quota_change change;
	int error = make_room(upload, &change, count);

	if (error < 0)
		return error;
	error = copy_bytes(file, offset, upload->descriptor, count, stop, context, progress);
	if (error == 0)
		upload->size += count;
	else
		measure(upload);
	end_change(upload, &change);
	return error < 0 ? quota_disk_error(error) : error;
}

int upload_copy(struct upload *upload, int file, int64_t count, int (*stop)(void *context),
	void *context, _Atomic uint64_t *progress)
{
	int64_t done = 0;
	int error = 0;

	do {
		int64_t step = count - done < COPY_STEP ? count - done : COPY_STEP;

		error = copy_some(upload, file, done, step, stop, context, progress);
		done += step;
	} while (error == 0 && done < count);
	return error;
}

/* ---- the end ---- */

static void release(struct upload *upload)
{
	digest_free(upload->digest);
	upload->digest = NULL;
	if (upload->descriptor >= 0)
		close(upload->descriptor);
	upload->descriptor = -1;
	store_place_close(&upload->place);
}

/* May it take the place of what stands there now? Who may only append, may do so to what he has
 * added to, not to what somebody has put there meanwhile. */
static bool may_replace(const struct upload *upload, const struct stat *status)
{
	if (upload->unique)
		return false;
	return (upload->place.zone.may & RIGHT_overwrite) ||
	       (status && upload->base_inode == status->st_ino);
}

/* A file that is replaced hands its permissions on, but not set-user-ID and its like: they were not
 * given for what a client sends. */
static void inherit_mode(const struct upload *upload, const struct stat *status)
{
	if (S_ISREG(status->st_mode))
		(void)fchmod(upload->descriptor, status->st_mode & 0777);
}

int upload_settle(const struct upload *upload, enum config_sync sync)
{
	return sync != SYNC_NONE && fdatasync(upload->descriptor) < 0 ? -errno : 0;
}

static int cut_to_size(struct upload *upload)
{
	struct quota_change change;
	int error = upload->kept > upload->size ? quota_begin(&change, upload->place.quota) : 1;

	if (error != 0)
		return error < 0 ? error : 0;
	error = cut_kept(upload);
	end_change(upload, &change);
	return error;
}

/* In one step; and whoever is to be told of it, is, whatever becomes of this process. */
static int take_name_telling(struct upload *upload, enum config_sync sync, bool replace)
{
	struct events *events = upload->session ? &upload->session->engine->events : NULL;
	uint64_t number = 0;
	int error = events ? events_intend(events, upload, sync, &number) : 0;

	if (error < 0)
		return error;
	error = store_place_take_name(
		&upload->place, upload->place.directory, upload->partial, replace);
	/* One that is on the disk by its directory alone is told of when that is. */
	if (error == 0 && sync == SYNC_FULL && number > 0)
		(void)store_place_sync(&upload->place);
	if (number > 0)
		events_settle(events, upload, number, error);
	return error;
}

static int take_name(struct upload *upload, enum config_sync sync, bool replace)
{
	int error = cut_to_size(upload);

	if (error == 0)
		error = upload_settle(upload, sync);
	return error < 0 ? error : take_name_telling(upload, sync, replace);
}

static int take_what_stands(struct upload *upload, enum config_sync sync)
{
	struct stat status;
	int ready = store_refusal_check(&upload->place.zone, RIGHT_put);
	int stands = ready < 0 ? ready : upload_target_look(&upload->place, &status);
	bool replace = may_replace(upload, stands > 0 ? &status : NULL);

	if (stands < 0)
		return stands;
	if (stands > 0 && !replace) {
		upload->all_or_nothing = true;
		return upload->unique ? -EEXIST : store_refusal_exists(&upload->place.zone);
	}
	if (stands > 0)
		inherit_mode(upload, &status);
	return take_name(upload, sync, replace);
}

/* Where nothing stood at first, mostly nothing stands at last: that need not be looked at. */
static int finish(struct upload *upload, enum config_sync sync)
{
	int error = upload->stood ? -EEXIST : take_name(upload, sync, false);

	if (error == -EEXIST)
		error = take_what_stands(upload, sync);
	/* What the target may be, its partial may not: the next writer must be let in. */
	if (error < 0)
		(void)fchmod(upload->descriptor, 0600);
	return error;
}

int upload_commit(struct upload *upload, enum config_sync sync, char sum[DIGEST_TEXT])
{
	int error;

	if (upload->digest)
		digest_text(upload->digest, upload->sum);
	error = finish(upload, sync);
	if (error < 0) {
		upload_abandon(upload);
		return error;
	}
	/* The file stands; if its directory cannot be synced the client has to know. */
	if (sync == SYNC_FULL)
		error = store_place_sync(&upload->place);
	if (sum && upload->digest)
		strcpy(sum, upload->sum);
	release(upload);
	return error;
}

/* By what was spare: a partial that may stay only until the file goes cannot be kept for later. */
static bool is_over_quota(const struct upload *upload)
{
	static const struct ledger_use nothing;
	struct quota_change change;
	int error;

	if (upload->place.spare.files == 0 || quota_begin(&change, upload->place.quota) < 0)
		return false;
	error = quota_fits_without(&change, &nothing);
	quota_end(&change);
	return error < 0;
}

void upload_abandon(struct upload *upload)
{
	bool useless = upload->kept == 0 &&
		       (upload->all_or_nothing || upload->refused || upload->size == 0);

	if (upload->descriptor >= 0 && (useless || is_over_quota(upload)))
		(void)store_place_remove(&upload->place, upload->partial);
	release(upload);
}
