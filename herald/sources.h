/* The workers' files: reads what has been written there, in which order it was done, and puts it in
 * the journal.
 *
 * Whose writer is alive is told by the lock that the worker has on its file, and loses however it
 * ends. Commits are told in the order of their times: a round takes the time, reads all files, and
 * tells only what was committed before, so that an upload that a client began when it had the
 * answer to another is told of after that one, whichever workers had them. */
#ifndef FTPOOL_HERALD_SOURCES_H
#define FTPOOL_HERALD_SOURCES_H

#include "herald/journal.h"
#include "herald/source.h"

struct sources {
	int directory; /* of the files; the caller's */
	struct journal *journal;
	struct source *first;
	char boot[EVENT_RAW_BOOT + 1];
};

void sources_open(struct sources *sources, int directory, struct journal *journal);
void sources_close(struct sources *sources);

/* One round. 1: something is left that was done meanwhile; 0; or -errno, and what could not be told
 * is told by a later round. */
int sources_round(struct sources *sources);

#endif
