/* The herald: the process that tells of uploads. Workers write down what they are about to do and
 * what they have done, each in a file of its own (common/event); it makes one journal of that
 * (common/event_journal), in which every upload that got its name has one line, and runs on_upload
 * for each. It is the service's user, and no client, and no worker, ever waits for it.
 *
 * It may be killed at any time, and so may the workers and the master. What a worker that is dead
 * has left open is found out by looking at the file. The journal says how far it has got with each
 * worker's file, so that what was told is not told again.
 *
 *     herald   its life
 *     sources  the workers' files
 *     pending  uploads of which it is not known yet what became of them
 *     verdict  and finding that out
 *     journal  the journal, and what is known by it
 *     telling  one event as a line
 *     program  on_upload */
#ifndef FTPOOL_HERALD_HERALD_H
#define FTPOOL_HERALD_HERALD_H

#include "common/config.h"

#define HERALD_RAW "raw" /* the folder of the workers' files, below the journal's */

struct herald_birthright {
	const struct config *config;
	int channel; /* when it ends, the master is gone or wants this to end; CHANNEL_DRAIN on it:
			at once, since another one takes over */
	int directory; /* the journal's */
};

/* Its life; the caller does _exit with what it returns. */
int herald_main(const struct herald_birthright *birthright);

#endif
