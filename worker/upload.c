#include "worker/upload.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_TRIES = 100, DIGEST_CHUNK = 128 * 1024 };

/* What stands at the target decides before a byte is taken. */
static int check_target(const struct upload *upload)
{
	struct stat status;
	int error = store_place_look(&upload->place, &status);

	if (error == -ENOENT)
		return 0;
	if (error < 0)
		return error;
	if (S_ISDIR(status.st_mode))
		return -EISDIR;
	return S_ISREG(status.st_mode) || S_ISLNK(status.st_mode) ? 0 : -EEXIST;
}

static int open_shared(struct upload *upload)
{
	partial_name_make(upload->partial, upload->place.name, "");
	upload->descriptor = partial_open(&upload->place, upload->partial, STORE_PLACE_ANY);
	return upload->descriptor < 0 ? upload->descriptor : 0;
}

/* A partial of our own. Its name is also that of the shared partial of some other, odd name, so it
 * is locked as well: who has the lock has the file. */
static int open_private(struct upload *upload)
{
	static _Atomic unsigned int serial;

	for (int i = 0; i < NAME_TRIES; i++) {
		char tag[32];

		snprintf(tag, sizeof(tag), ".%x-%x", (unsigned int)getpid(),
			atomic_fetch_add(&serial, 1));
		partial_name_make(upload->partial, upload->place.name, tag);
		upload->descriptor =
			partial_open(&upload->place, upload->partial, STORE_PLACE_FRESH);
		if (upload->descriptor >= 0)
			return 0;
		if (upload->descriptor != -EEXIST && upload->descriptor != -EBUSY)
			return upload->descriptor;
	}
	return -EBUSY;
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

static int begin_at(struct upload *upload, int64_t from)
{
	struct stat status;

	if (fstat(upload->descriptor, &status) < 0)
		return -errno;
	upload->kept = status.st_size;
	upload->size = status.st_size < from ? status.st_size : from;
	if (lseek(upload->descriptor, upload->size, SEEK_SET) < 0)
		return -errno;
	if (upload->kind == UPLOAD_SINGLE)
		return 0;
	upload->digest = digest_new();
	return upload->digest ? digest_kept(upload) : -ENOMEM;
}

static void release(struct upload *upload)
{
	digest_free(upload->digest);
	upload->digest = NULL;
	if (upload->descriptor >= 0)
		close(upload->descriptor);
	upload->descriptor = -1;
	store_place_close(&upload->place);
}

int upload_open(struct upload *upload, const struct store *store, const struct vpath *path,
	enum upload_kind kind, int64_t from, uint64_t largest)
{
	int error;

	*upload = (struct upload){.kind = kind, .descriptor = -1, .largest = largest};
	error = store_place_open(&upload->place, store, path);
	if (error < 0)
		return error;
	error = check_target(upload);
	if (error == 0)
		error = open_shared(upload);
	if ((error == -EBUSY || error == -EACCES) && kind == UPLOAD_SINGLE)
		error = open_private(upload);
	if (error == 0)
		error = begin_at(upload, from);
	if (error < 0 && upload->descriptor >= 0)
		upload_abandon(upload);
	else if (error < 0)
		release(upload);
	return error;
}

int upload_fits(const struct upload *upload, int64_t bytes)
{
	if (upload->largest > 0 && (uint64_t)(upload->size + bytes) > upload->largest)
		return -EFBIG;
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

int upload_write(struct upload *upload, const void *bytes, size_t length)
{
	const char *next = bytes;
	int error = cut_kept(upload);

	if (error < 0)
		return error;
	if (upload->largest > 0 && (uint64_t)upload->size + length > upload->largest)
		return -EFBIG;
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

/* A file that is replaced hands its permissions on, but not set-user-ID and its like: they were not
 * given for what a client sends. */
static void inherit_mode(const struct upload *upload)
{
	struct stat status;

	if (store_place_look(&upload->place, &status) == 0 && S_ISREG(status.st_mode))
		(void)fchmod(upload->descriptor, status.st_mode & 0777);
}

int upload_commit(struct upload *upload, enum config_sync sync, char sum[DIGEST_TEXT])
{
	int error = check_target(upload);

	if (error == 0)
		error = cut_kept(upload);
	inherit_mode(upload);
	if (error == 0 && sync != SYNC_NONE && fdatasync(upload->descriptor) < 0)
		error = -errno;
	if (error == 0)
		error = store_place_take_name(
			&upload->place, upload->place.directory, upload->partial, true);
	if (error < 0) {
		/* What the target may be, its partial may not: the next writer must be let in. */
		(void)fchmod(upload->descriptor, 0600);
		upload_abandon(upload);
		return error;
	}
	/* The file stands; if its directory cannot be synced the client has to know. */
	if (sync == SYNC_FULL)
		error = store_place_sync(&upload->place);
	if (sum && upload->digest)
		digest_text(upload->digest, sum);
	release(upload);
	return error;
}

void upload_abandon(struct upload *upload)
{
	bool nothing_kept = upload->kept == 0;

	if (nothing_kept && (upload->kind == UPLOAD_SINGLE || upload->size == 0))
		(void)store_place_remove(&upload->place, upload->partial);
	release(upload);
}
