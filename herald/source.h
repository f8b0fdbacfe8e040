/* One worker's file. Its name is `BOOT-RANDOM.raw`: which start of the machine its times belong to,
 * and which file it is, for ever. */
#ifndef FTPOOL_HERALD_SOURCE_H
#define FTPOOL_HERALD_SOURCE_H

#include "common/event_raw.h"
#include "herald/pending.h"

enum { SOURCE_BUFFER = 8 * EVENT_LONGEST };

struct source {
	struct source *next;
	char name[EVENT_RAW_NAME];
	int file;
	bool old_boot;
	bool dead;       /* its writer is */
	uint64_t told;   /* the journal's position in it */
	int64_t read_at; /* of the buffer's front in the file */
	int64_t freed;   /* up to there it has given back its room on the disk */
	int64_t last_order;
	struct pending *pending, *last; /* in the order of the file */
	char *bytes;
	size_t used;
};

/* Opens a file that is there; `told` is what the journal says of it. NULL with errno. */
struct source *source_open(int directory, const char *name, const char *boot, uint64_t told);
void source_close(struct source *source);

/* Has its writer ended? To be asked before what it wrote is read. */
void source_look(struct source *source);

/* Reads all that is there. 0 or -errno. */
int source_read(struct source *source);

/* Takes what has been dealt with off its list: what was told of up to source->told, and what was
 * given up. */
void source_settle(struct source *source);

/* Gives the disk back what is not needed any more of a file that goes on. */
void source_free_room(struct source *source);

#endif
