/* Containment: what a worker gives up before it reads a client's first byte. In order: groups, gid,
 * uid (when the master was started as root), all capabilities, the right to gain any by execve
 * (no_new_privs), the file system but for the root (Landlock), and all system calls but those it
 * needs (seccomp). */
#ifndef FTPOOL_WORKER_CONTAIN_H
#define FTPOOL_WORKER_CONTAIN_H

#include "common/config.h"
#include "worker/store.h"

#include <stdbool.h>

/* Becomes the service's user and loses every privilege, for good. 0, or -errno with *what naming
 * the step that failed. */
int contain_identity(const struct config *config, const char **what);

enum { CONTAIN_STORES = 2 };

/* What a confined worker can still do beside serving the sockets it has. */
struct contain_needs {
	const struct store *stores[CONTAIN_STORES]; /* NULL: none */
	const int *roots; /* O_PATH descriptors of further directories to serve from */
	size_t root_count;
	bool asks;     /* the authenticator: over a pair of Unix sockets a question */
	bool listens;  /* on new TCP sockets: FTP's passive data connections */
	bool connects; /* from new TCP sockets: its active ones */
};

/* Confines the process to the stores by Landlock and to its system calls by seccomp. To be called
 * before any thread is started. A kernel that lacks Landlock is no error: *landlock tells.
 * 0, or -errno with *what naming the step that failed. */
int contain_sandbox(const struct contain_needs *needs, bool *landlock, const char **what);

#endif
