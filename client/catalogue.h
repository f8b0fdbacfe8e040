/* What the server holds, as it last said. */
#ifndef FTPOOL_CLIENT_CATALOGUE_H
#define FTPOOL_CLIENT_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct catalogue_entry {
	char *name;                    /* a directory's ends in a '/' */
	int64_t size;                  /* bytes; -1 unknown */
	int64_t modified_unix_seconds; /* -1 unknown */
};

struct catalogue {
	struct catalogue_entry *entry;
	size_t count;
	size_t room;
	bool detailed; /* sizes and times are known */
	bool cut;      /* the server has left names out */
};

/* All zero is an empty catalogue; catalogue_clear makes it so again. */
void catalogue_clear(struct catalogue *catalogue);

/* Copies the name. 0 or -ENOMEM. */
int catalogue_add(struct catalogue *catalogue, const char *name, size_t length, int64_t size,
	int64_t modified_unix_seconds);

/* By name, byte for byte. */
void catalogue_sort(struct catalogue *catalogue);

#endif
