/* Puts one local file on the server, and compares the server's checksum with its own. */
#ifndef FTPOOL_CLIENT_PUT_H
#define FTPOOL_CLIENT_PUT_H

#include <stdbool.h>

struct remote;

struct put_wish {
	const char *path;
	const char *name; /* on the server; NULL: the path's last component */
	bool resume;      /* go on from what the server has kept of an earlier put */
};

/* 0, or -errno with the trouble set; a note to the user when all is well. */
int put_file(struct remote *remote, const struct put_wish *wish);

#endif
