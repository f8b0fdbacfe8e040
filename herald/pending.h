/* Uploads that workers have announced, until it is known what became of them. */
#ifndef FTPOOL_HERALD_PENDING_H
#define FTPOOL_HERALD_PENDING_H

#include "common/event.h"

#include <stdbool.h>

enum pending_state {
	PENDING_OPEN,      /* neither commit nor abort has been read */
	PENDING_COMMITTED, /* it has its name, and is to be told of */
	PENDING_GIVEN_UP   /* it never got its name */
};

struct pending {
	struct pending *previous, *next;
	enum pending_state state;
	bool old_boot;      /* its times are another start's of the machine */
	int64_t at;         /* where its intent begins in the file */
	uint64_t position;  /* behind its commit */
	int64_t order;      /* of its commit, never before the one before it in the file */
	int64_t unix_ms;    /* of its commit */
	struct event event; /* the intent; texts point behind this struct */
};

/* A copy of an intent; NULL: out of memory. */
struct pending *pending_new(const struct event *intent, int64_t at, bool old_boot);

/* Was a announced later than b? */
bool pending_is_later(const struct pending *a, const struct pending *b);

/* By when they were committed, for qsort(3) over pointers. */
int pending_by_commit(const void *a, const void *b);

#endif
