/* Changes the users file as a whole or not at all: under a lock, in a new file that takes the place
 * of the old one with its owner and mode. Lines that are not changed stay as they are, comments
 * too. */
#ifndef FTPOOL_CLIENT_CTL_USERS_H
#define FTPOOL_CLIENT_CTL_USERS_H

#include "common/users_file.h"

/* The file, open and locked; its text as it stands there. */
struct ctl_users {
	char path[PATH_MAX]; /* where it really is */
	int descriptor;
	struct stat status;
	char *text;
	size_t size;
};

/* A line of the text. */
struct ctl_users_line {
	size_t start, length; /* its \n included */
	unsigned int number;
};

/* Opens, locks and reads it; `create`: made, empty, if it is not there. 0, or -1 after telling. */
int ctl_users_open(struct ctl_users *users, const char *path, bool create);
void ctl_users_close(struct ctl_users *users);

/* The line of that account. 1; 0: there is none; -1 after telling that there are two. */
int ctl_users_find(const struct ctl_users *users, const char *name, struct ctl_users_line *line);

/* Puts a text in place of the line (length 0: before what stands there). 0, or -1 after telling. */
int ctl_users_replace(struct ctl_users *users, const struct ctl_users_line *line, const char *text);

#endif
