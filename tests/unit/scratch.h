/* Files of a test, in the working directory that its suite gave it. */
#ifndef FTPOOL_TESTS_UNIT_SCRATCH_H
#define FTPOOL_TESTS_UNIT_SCRATCH_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Makes an empty directory and writes its absolute path. Returns path. */
static inline char *scratch_folder(char path[PATH_MAX], const char *name)
{
	char here[PATH_MAX];

	ck_assert_ptr_nonnull(getcwd(here, sizeof(here)));
	ck_assert_int_lt(snprintf(path, PATH_MAX, "%s/%s", here, name), PATH_MAX);
	ck_assert_msg(mkdir(path, 0755) == 0, "%s: %s", path, strerror(errno));
	return path;
}

/* "folder/name", in a buffer used again by the next call but three. */
static inline const char *scratch_path(const char *folder, const char *name)
{
	static char paths[4][PATH_MAX];
	static unsigned int next;
	char *path = paths[next++ % 4];

	ck_assert_int_lt(snprintf(path, PATH_MAX, "%s/%s", folder, name), PATH_MAX);
	return path;
}

static inline void scratch_write(const char *path, const void *bytes, size_t length)
{
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	ck_assert_msg(file >= 0, "%s: %s", path, strerror(errno));
	ck_assert_int_eq(write(file, bytes, length), (ssize_t)length);
	close(file);
}

static inline void scratch_write_text(const char *path, const char *text)
{
	scratch_write(path, text, strlen(text));
}

/* The bytes read, NUL behind them; size is the buffer's. */
static inline size_t scratch_read(const char *path, char *buffer, size_t size)
{
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;
	size_t length = 0;

	ck_assert_msg(file >= 0, "%s: %s", path, strerror(errno));
	while ((got = read(file, buffer + length, size - 1 - length)) > 0)
		length += (size_t)got;
	ck_assert_int_eq(got, 0);
	close(file);
	buffer[length] = '\0';
	return length;
}

/* The file's whole content is this text. */
static inline void scratch_expect(const char *path, const char *text)
{
	char content[4096];

	scratch_read(path, content, sizeof(content));
	ck_assert_str_eq(content, text);
}

static inline int scratch_exists(const char *path)
{
	struct stat status;

	return lstat(path, &status) == 0;
}

#endif
