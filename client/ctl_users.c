#include "client/ctl_users.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static int tell(const char *path)
{
	fprintf(stderr, "ftpctl: %s: %s\n", path, strerror(errno));
	return -1;
}

/* ---- opening ---- */

/* The service reads it as a member of its group. */
static void settle_owner(int descriptor)
{
	const struct group *group = geteuid() == 0 ? getgrnam("ftpool") : NULL;

	if (group && fchown(descriptor, 0, group->gr_gid) == 0)
		(void)fchmod(descriptor, 0640);
}

static int open_or_create(const char *path, bool create)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (descriptor >= 0 || errno != ENOENT || !create)
		return descriptor;
	descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (descriptor >= 0)
		settle_owner(descriptor);
	else if (errno == EEXIST)
		descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	return descriptor;
}

/* Whoever held the lock before may have put another file in place of the one we opened. */
static bool is_current(const struct ctl_users *users)
{
	struct stat now;

	return stat(users->path, &now) == 0 && now.st_dev == users->status.st_dev &&
	       now.st_ino == users->status.st_ino;
}

static int open_locked(struct ctl_users *users, const char *path, bool create)
{
	for (;;) {
		users->descriptor = open_or_create(path, create);
		if (users->descriptor < 0 || flock(users->descriptor, LOCK_EX) < 0 ||
			!realpath(path, users->path) ||
			fstat(users->descriptor, &users->status) < 0)
			return tell(path);
		if (is_current(users))
			return 0;
		close(users->descriptor);
	}
}

int ctl_users_open(struct ctl_users *users, const char *path, bool create)
{
	*users = (struct ctl_users){.descriptor = -1};
	if (open_locked(users, path, create) == 0) {
		users->text = users_file_slurp(users->descriptor, &users->size);
		if (users->text)
			return 0;
		tell(path);
	}
	ctl_users_close(users);
	return -1;
}

void ctl_users_close(struct ctl_users *users)
{
	if (users->descriptor >= 0)
		close(users->descriptor);
	users->descriptor = -1;
	if (users->text)
		explicit_bzero(users->text, users->size);
	free(users->text);
	users->text = NULL;
}

/* ---- lines ---- */

static bool names(const char *line, size_t length, const char *name)
{
	size_t size = strlen(name);

	while (length > 0 && (*line == ' ' || *line == '\t')) {
		line++;
		length--;
	}
	return length >= size && memcmp(line, name, size) == 0 &&
	       (length == size || strchr(" \t\n", line[size]));
}

int ctl_users_find(const struct ctl_users *users, const char *name, struct ctl_users_line *line)
{
	struct ctl_users_line at = {0};
	int found = 0;

	for (; at.start < users->size; at.start += at.length) {
		const char *text = users->text + at.start;
		const char *end = memchr(text, '\n', users->size - at.start);

		at.length = end ? (size_t)(end - text) + 1 : users->size - at.start;
		at.number++;
		if (!names(text, at.length, name))
			continue;
		if (found++ == 0)
			*line = at;
	}
	if (found < 2)
		return found;
	fprintf(stderr, "ftpctl: %s: %s stands there %d times; leave one of the lines\n",
		users->path, name, found);
	return -1;
}

/* ---- writing ---- */

static bool write_all(int descriptor, const char *bytes, size_t size)
{
	while (size > 0) {
		ssize_t written = write(descriptor, bytes, size);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return false;
		bytes += written;
		size -= (size_t)written;
	}
	return true;
}

static bool write_parts(const struct ctl_users *users, const struct ctl_users_line *line,
	const char *text, int descriptor)
{
	size_t rest = line->start + line->length;
	/* A last line without its end. */
	bool open = line->start > 0 && users->text[line->start - 1] != '\n';

	return write_all(descriptor, users->text, line->start) &&
	       write_all(descriptor, "\n", open ? 1 : 0) &&
	       write_all(descriptor, text, strlen(text)) &&
	       write_all(descriptor, users->text + rest, users->size - rest);
}

/* The mode comes last: a change of owner may take from it. */
static bool keep_owner(const struct ctl_users *users, int descriptor)
{
	return fchown(descriptor, users->status.st_uid, users->status.st_gid) == 0 &&
	       fchmod(descriptor, users->status.st_mode & 07777) == 0;
}

/* The name itself is on the disk when its directory is. */
static void sync_directory(const char *path)
{
	char *directory = strdup(path);
	int descriptor;

	if (!directory)
		return;
	strrchr(directory, '/')[1] = '\0';
	descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (descriptor >= 0) {
		(void)fsync(descriptor);
		close(descriptor);
	}
	free(directory);
}

int ctl_users_replace(struct ctl_users *users, const struct ctl_users_line *line, const char *text)
{
	char fresh[PATH_MAX + 8];
	int descriptor;
	bool whole;

	snprintf(fresh, sizeof(fresh), "%s.XXXXXX", users->path);
	descriptor = mkostemp(fresh, O_CLOEXEC);
	if (descriptor < 0)
		return tell(fresh);
	whole = keep_owner(users, descriptor) && write_parts(users, line, text, descriptor) &&
		fsync(descriptor) == 0;
	if (close(descriptor) < 0 || !whole || rename(fresh, users->path) < 0) {
		tell(fresh);
		(void)unlink(fresh);
		return -1;
	}
	sync_directory(users->path);
	return 0;
}
