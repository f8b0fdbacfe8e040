/* Gets one file, whole and verified, or leaves what was there as it was. */
#ifndef FTPOOL_CLIENT_GET_H
#define FTPOOL_CLIENT_GET_H

#include <stdbool.h>

struct remote;

struct get_wish {
	const char *name; /* on the server */
	const char *path; /* as localname_choose takes it */
	bool to_standard_output;
	bool resume; /* go on from what an earlier get has left, or from the target itself */
};

/* 0, or -errno with the trouble set; a note to the user when all is well. */
int get_file(struct remote *remote, const struct get_wish *wish);

#endif
