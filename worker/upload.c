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

/* ---- what comes ---- */

static int check_largest(const struct upload *upload, uint64_t more)
{
	return upload->largest > 0 && (uint64_t)upload->size + more > upload->largest ? -EFBIG : 0;
}

int upload_fits(const struct upload *upload, int64_t bytes)
{
	int error = check_largest(upload, (uint64_t)bytes);

	if (error < 0)
		return error;
	return bytes > store_place_free_bytes(&upload->place) ? -ENOSPC : 0;
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

static int make_room(struct upload *upload, uint64_t more)
{
	int error = cut_kept(upload);

	return error < 0 ? error : check_largest(upload, more);
}

int upload_write(struct upload *upload, const void *bytes, size_t length)
{
	const char *next = bytes;
	int error = make_room(upload, length);

	if (error < 0)
		return error;
	if (upload->digest)
		digest_add(upload->digest, bytes, length);
	while (length > 0) {
		ssize_t written = write(upload->descriptor, next, length);

		if (written < 0 && errno != EINTR)
			return -errno;
		if (written > 0) {
			next += written;
			length -= (size_t)written;
			upload->size += written;
		}
	}
	return 0;
}

int upload_copy(struct upload *upload, int file, int64_t count, int (*stop)(void *context),
	void *context, _Atomic uint64_t *progress)
{
	int error = make_room(upload, (uint64_t)count);

	if (error < 0)
		return error;
	error = copy_bytes(file, 0, upload->descriptor, count, stop, context, progress);
	if (error == 0)
		upload->size += count;
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
	int error = cut_kept(upload);

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

void upload_abandon(struct upload *upload)
{
	bool useless = upload->kept == 0 && (upload->all_or_nothing || upload->size == 0);

	if (upload->descriptor >= 0 && useless)
		(void)store_place_remove(&upload->place, upload->partial);
	release(upload);
}
