/* The users file: an account a line, empty lines, and comments from a # at a line's beginning on.
 * It holds password hashes, so its text is wiped from memory when it is of no more use. */
#ifndef FTPOOL_COMMON_USERS_FILE_H
#define FTPOOL_COMMON_USERS_FILE_H

#include "common/user.h"

#include <sys/stat.h>

/* The accounts of a file, by name. */
struct users_file {
	struct user *users;
	size_t count;
	const char *
		*spoilt; /* the names of those whose line has a fault, or that stand there twice */
	size_t spoilt_count;
	char *text;
	size_t size;
};

/* Reads a text (taken over, as malloc(3) gave it, with a NUL behind it). Every line that is no
 * account is told and left out, as is an account that stands there twice. 0 or -ENOMEM;
 * users_file_free is due in any case. */
int users_file_take(struct users_file *file, char *text, size_t size, const char *name,
	struct complaints *complaints);

/* The same with the file of that name, of which *status is what stat(2) tells. Also told: that it
 * may be read by everybody. 0; -ENOENT and other -errno when it cannot be read, which is not told.
 */
int users_file_read(struct users_file *file, const char *name, struct stat *status,
	struct complaints *complaints);

/* The account of that name, or NULL. */
const struct user *users_file_find(const struct users_file *file, const char *name);

/* Is it the name of an account that was told and left out? */
bool users_file_has_spoilt(const struct users_file *file, const char *name);

/* Wipes and frees all of it. */
void users_file_free(struct users_file *file);

/* The bytes of an open file with a NUL behind them, *size without it; NULL with errno. */
char *users_file_slurp(int descriptor, size_t *size);

#endif
