/* One event as a line of the journal: JSON, whatever bytes a client gave its file's name. */
#ifndef FTPOOL_HERALD_TELLING_H
#define FTPOOL_HERALD_TELLING_H

#include "common/event.h"
#include "common/event_journal.h"

#include <stdbool.h>

struct telling {
	const struct event *event;
	int64_t unix_ms;    /* when it got its name */
	const char *source; /* whose file told of it, */
	uint64_t position;  /* and how far that was read then */
	bool recovered;     /* found out by looking, since its worker died */
};

/* Makes the line, its end included. Its length. */
size_t telling_make(char line[EVENT_LINE_LONGEST], uint64_t id, const struct telling *telling);

#endif
