#include "common/users_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SIZE_MOST = 64 << 20 };

/* ---- the text ---- */

char *users_file_slurp(int descriptor, size_t *size)
{
	struct stat status;
	size_t used = 0;
	ssize_t got = 1;
	char *text;

	if (fstat(descriptor, &status) < 0)
		return NULL;
	if (!S_ISREG(status.st_mode) || status.st_size > SIZE_MOST) {
		errno = S_ISREG(status.st_mode) ? EFBIG : EINVAL;
		return NULL;
	}
	text = malloc((size_t)status.st_size + 1);
	while (text && got > 0 && used < (size_t)status.st_size) {
		got = read(descriptor, text + used, (size_t)status.st_size - used);
		used += got > 0 ? (size_t)got : 0;
	}
	if (text && got < 0) {
		int error = errno;

		explicit_bzero(text, used);
		free(text);
		errno = error;
		return NULL;
	}
	if (text)
		text[used] = '\0';
	*size = used;
	return text;
}

/* ---- the accounts ---- */

/* Grows when the count is a power of two. NULL: out of memory, and the old one is as it was. */
static void *grow(void *all, size_t count, size_t size)
{
	return count & (count - 1) ? all : reallocarray(all, count ? 2 * count : 1, size);
}

static int spoil(struct users_file *file, const char *name)
{
	const char **grown = grow(file->spoilt, file->spoilt_count, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	file->spoilt = grown;
	file->spoilt[file->spoilt_count++] = name;
	return 0;
}

static int by_name(const void *a, const void *b)
{
	const struct user *one = a, *other = b;
	int order = strcmp(one->name, other->name);

	return order ? order : (one->line > other->line) - (one->line < other->line);
}

static struct user *add(struct users_file *file)
{
	struct user *grown = grow(file->users, file->count, sizeof(*grown));

	if (!grown)
		return NULL;
	file->users = grown;
	return &file->users[file->count];
}

static int take_line(
	struct users_file *file, char *line, struct origin origin, struct complaints *complaints)
{
	struct user *user;

	line += strspn(line, " \t");
	if (*line == '\0' || *line == '#')
		return 0;
	user = add(file);
	if (!user)
		return -ENOMEM;
	if (user_parse(user, line, origin, complaints)) {
		file->count++;
		return 0;
	}
	user_close(user);
	return user->name && user_name_is_sound(user->name) ? spoil(file, user->name) : 0;
}

/* Of accounts with the same name, none: who knows which one was meant? */
static int drop_doubles(struct users_file *file, const char *name, struct complaints *complaints)
{
	size_t kept = 0;
	int error = 0;

	for (size_t i = 0, next; i < file->count; i = next) {
		for (next = i + 1;
			next < file->count && !strcmp(file->users[i].name, file->users[next].name);
			next++)
			complain(complaints, (struct origin){name, file->users[next].line},
				"%s is an account already, in line %u; keep one of them",
				file->users[i].name, file->users[i].line);
		if (next == i + 1) {
			file->users[kept++] = file->users[i];
			continue;
		}
		error = spoil(file, file->users[i].name) < 0 ? -ENOMEM : error;
		for (size_t j = i; j < next; j++)
			user_close(&file->users[j]);
	}
	file->count = kept;
	return error;
}

int users_file_take(struct users_file *file, char *text, size_t size, const char *name,
	struct complaints *complaints)
{
	struct origin origin = {name, 0};
	int error = 0;

	*file = (struct users_file){.text = text, .size = size};
	for (char *line = text, *end; error == 0 && line < text + size; line = end + 1) {
		end = memchr(line, '\n', (size_t)(text + size - line));
		if (!end)
			end = text + size;
		*end = '\0';
		origin.line++;
		if (strlen(line) != (size_t)(end - line))
			complain(complaints, origin, "a NUL byte; this is a text");
		else
			error = take_line(file, line, origin, complaints);
	}
	if (file->count > 0)
		qsort(file->users, file->count, sizeof(file->users[0]), by_name);
	return drop_doubles(file, name, complaints) < 0 ? -ENOMEM : error;
}

static void check_mode(const struct stat *status, const char *name, struct complaints *complaints)
{
	if (status->st_mode & (S_IRWXO | S_IWGRP))
		complain(complaints, (struct origin){name, 0},
			"holds password hashes and has mode %04o; chmod 0640 or 0600 is right",
			(unsigned int)(status->st_mode & 07777));
}

int users_file_read(struct users_file *file, const char *name, struct stat *status,
	struct complaints *complaints)
{
	int descriptor = open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	size_t size = 0;
	char *text;
	int error;

	*file = (struct users_file){0};
	if (descriptor < 0)
		return -errno;
	text = fstat(descriptor, status) == 0 ? users_file_slurp(descriptor, &size) : NULL;
	error = errno;
	close(descriptor);
	if (!text)
		return -error;
	check_mode(status, name, complaints);
	return users_file_take(file, text, size, name, complaints);
}

static int compare_name(const void *name, const void *user)
{
	return strcmp(name, ((const struct user *)user)->name);
}

const struct user *users_file_find(const struct users_file *file, const char *name)
{
	if (file->count == 0)
		return NULL;
	return bsearch(name, file->users, file->count, sizeof(file->users[0]), compare_name);
}

bool users_file_has_spoilt(const struct users_file *file, const char *name)
{
	for (size_t i = 0; i < file->spoilt_count; i++) {
		if (strcmp(file->spoilt[i], name) == 0)
			return true;
	}
	return false;
}

void users_file_free(struct users_file *file)
{
	for (size_t i = 0; i < file->count; i++)
		user_close(&file->users[i]);
	free(file->users);
	free(file->spoilt);
	if (file->text)
		explicit_bzero(file->text, file->size);
	free(file->text);
	*file = (struct users_file){0};
}
