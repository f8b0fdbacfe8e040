/* The way to an account's root. It lies below the service's root or one of account_roots, and the
 * kernel goes it (openat2(2)), so that no link on it leads anywhere else. */
#ifndef FTPOOL_AUTHENTICATOR_ROOTS_H
#define FTPOOL_AUTHENTICATOR_ROOTS_H

#include "common/config.h"

struct roots {
	const struct config *config;
	int *tops; /* O_PATH descriptors: the root's, then those of account_roots */
};

/* 0 or -errno, with *which the one that cannot be opened. */
int roots_open(struct roots *roots, const struct config *config, const char **which);
void roots_close(struct roots *roots);

/* An O_PATH descriptor of the directory of that path, the caller's to close; "" is the service's
 * root. -EXDEV when it lies, or leads, elsewhere; or -errno. */
int roots_find(const struct roots *roots, const char *path);

#endif
