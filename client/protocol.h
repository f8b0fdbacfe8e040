/* What a protocol is to the rest of the client: a connection, list, get, put. The rest knows no
 * protocol but by this; a protocol knows no local files. */
#ifndef FTPOOL_CLIENT_PROTOCOL_H
#define FTPOOL_CLIENT_PROTOCOL_H

#include "client/receipt.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct catalogue;
struct remote;

/* Where the bytes of a get go; each function returns 0, or -errno to stop. */
struct receiver {
	/* Called once, when the server has agreed: how many bytes follow (-1: it does not say), and
	 * the file's time (-1: unknown). */
	int (*begin)(struct receiver *receiver, int64_t length, int64_t modified_unix_seconds);
	int (*bytes)(struct receiver *receiver, const void *bytes, size_t length);
};

/* Where the bytes of a put come from. */
struct supplier {
	/* Called once, when the server has agreed: the offset to send from. 0 or -errno. */
	int (*begin)(struct supplier *supplier, int64_t offset);
	/* The next bytes, 0 at the end of what was promised, or -errno to stop. */
	ssize_t (*bytes)(struct supplier *supplier, void *bytes, size_t room);
};

/* One protocol. Each function has its connection in the remote; 0 or -errno with the trouble set.
 */
struct protocol {
	const char *title; /* for the user; translatable */
	bool resumes;      /* get and put go on from an offset */
	/* Before each command: sees to a connection that is fit for it. */
	int (*prepare)(struct remote *remote);
	/* After each command: whether it is worth another try, since only the old connection failed
	 * it. Never true twice running. */
	bool (*again)(struct remote *remote, int result);
	int (*list)(struct remote *remote, struct catalogue *catalogue);
	int (*get)(
		struct remote *remote, const char *name, int64_t offset, struct receiver *receiver);
	/* NULL: the server can be asked nothing about a file. */
	int (*confirm)(
		struct remote *remote, const char *name, int64_t size, struct receipt *receipt);
	int (*put)(struct remote *remote, const char *name, int64_t size, int64_t offset,
		struct supplier *supplier, struct receipt *receipt);
	/* Says goodbye if that can be done, and frees the connection. */
	void (*close)(struct remote *remote);
};

#endif
