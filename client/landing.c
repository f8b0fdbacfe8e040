#include "client/landing.h"

#include "client/language.h"
#include "client/localname.h"
#include "client/trouble.h"
#include "common/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int failed(const char *path)
{
	return trouble_set(-errno, _("cannot write %s: %s"), path, strerror(errno));
}

/* "DIR/.NAME.part". A name too long for that is cut and told from others by its digest. */
static char *part_path(const char *target)
{
	const char *name = localname_last(target);
	size_t fits = NAME_MAX - strlen("..part"), length = strlen(name);
	char sum[DIGEST_TEXT] = "";
	char *path;

	if (length > fits) {
		struct digest *digest = digest_new();

		if (!digest)
			return NULL;
		digest_add(digest, name, length);
		digest_text(digest, sum);
		digest_free(digest);
		sum[16] = '\0';
		length = fits - strlen(sum);
	}
	if (asprintf(&path, "%.*s.%.*s%s.part", (int)(name - target), target, (int)length, name,
		    sum) < 0)
		return NULL;
	return path;
}

static bool same_file(int file, const char *path)
{
	struct stat here, there;

	return fstat(file, &here) == 0 && lstat(path, &there) == 0 && here.st_dev == there.st_dev &&
	       here.st_ino == there.st_ino;
}

/* Opens and locks what stands under the part's name. If another ftpool has just finished with it,
 * the name stands for nothing or something else by now: once more. */
static int open_part(struct landing *landing)
{
	int flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	struct stat status;

	for (;;) {
		landing->file = open(landing->part, flags, 0666);
		if (landing->file < 0)
			return failed(landing->part);
		if (flock(landing->file, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
			close(landing->file);
			landing->file = -1; /* not ours: neither to write nor to remove */
			return trouble_set(-EBUSY, _("another ftpool is getting this file"));
		}
		if (same_file(landing->file, landing->part))
			break;
		close(landing->file);
	}
	if (fstat(landing->file, &status) < 0 || !S_ISREG(status.st_mode)) {
		errno = EEXIST;
		return failed(landing->part);
	}
	landing->size = status.st_size;
	return 0;
}

static int borrow(struct landing *landing)
{
	int target = open(landing->target, O_RDONLY | O_CLOEXEC);
	ssize_t copied;

	if (target < 0)
		return trouble_set(
			-errno, _("cannot read %s: %s"), landing->target, strerror(errno));
	do {
		copied = copy_file_range(target, NULL, landing->file, NULL, 1 << 30, 0);
		landing->size += copied > 0 ? copied : 0;
	} while (copied > 0);
	landing->borrowed = true;
	if (copied < 0)
		failed(landing->part);
	close(target);
	return copied < 0 ? -EIO : 0;
}

static int open_direct(struct landing *landing, const char *path)
{
	landing->direct = true;
	landing->target = strdup(path ? path : _("standard output"));
	if (!landing->target)
		return trouble_set(-ENOMEM, "%s", strerror(ENOMEM));
	landing->file = path ? open(path, O_WRONLY | O_CLOEXEC) : dup(STDOUT_FILENO);
	return landing->file < 0 ? failed(landing->target) : 0;
}

int landing_open(struct landing *landing, const char *path, bool resume)
{
	struct stat status;
	bool exists = path && stat(path, &status) == 0;
	int result;

	*landing = (struct landing){.file = -1};
	if (!path || (exists && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)))
		return open_direct(landing, path);
	if (exists && S_ISDIR(status.st_mode))
		return trouble_set(-EISDIR, _("%s is a directory"), path);
	/* Behind a symbolic link the file itself is replaced, as if it had been written to. */
	landing->target = exists ? realpath(path, NULL) : strdup(path);
	landing->part = landing->target ? part_path(landing->target) : NULL;
	if (!landing->part)
		return trouble_set(-ENOMEM, "%s", strerror(ENOMEM));
	landing->mode = exists ? status.st_mode & 07777 : 0;
	result = open_part(landing);
	if (result)
		return result;
	if (!resume)
		return landing_restart(landing);
	if (landing->size == 0 && exists)
		return borrow(landing);
	return 0;
}

int landing_write(struct landing *landing, const void *bytes, size_t length)
{
	const char *at = bytes;

	landing->borrowed = false;
	while (length > 0) {
		ssize_t written = landing->direct
					  ? write(landing->file, at, length)
					  : pwrite(landing->file, at, length, landing->size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return failed(landing->target);
		at += written;
		length -= (size_t)written;
		landing->size += written;
	}
	return 0;
}

int landing_restart(struct landing *landing)
{
	if (ftruncate(landing->file, 0) < 0)
		return failed(landing->part);
	landing->size = 0;
	landing->borrowed = false;
	return 0;
}

int landing_commit(struct landing *landing, int64_t modified_unix_seconds)
{
	struct timespec times[] = {{.tv_nsec = UTIME_NOW}, {.tv_sec = modified_unix_seconds}};

	if (landing->direct)
		return 0;
	if (landing->mode)
		fchmod(landing->file, landing->mode);
	if (modified_unix_seconds >= 0)
		futimens(landing->file, times);
	if (rename(landing->part, landing->target) < 0)
		return failed(landing->target);
	close(landing->file);
	landing->file = -1;
	return 0;
}

bool landing_close(struct landing *landing, bool keep)
{
	bool stays = false;

	if (landing->file >= 0) {
		stays = !landing->direct && keep && landing->size > 0 && !landing->borrowed;
		if (!landing->direct && !stays && same_file(landing->file, landing->part))
			unlink(landing->part);
		close(landing->file);
	}
	free(landing->target);
	free(landing->part);
	*landing = (struct landing){.file = -1};
	return stays;
}
