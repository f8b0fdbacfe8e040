/* The list of the library: the regular files of its root whose names have no leading dot, sorted by
 * name as bytes, in both modes. */
#ifndef FTPOOL_WORKER_LGPQ_LIBRARY_H
#define FTPOOL_WORKER_LGPQ_LIBRARY_H

#include "worker/store.h"

struct library_file {
	int64_t size;
	int64_t mtime;
	char name[]; /* ends in NUL */
};

struct library {
	struct library_file **files;
	size_t count;
};

/* Reads the list. 0 or -errno; library_free is due in any case. */
int library_read(struct library *library, const struct store *store);
void library_free(struct library *library);

#endif
