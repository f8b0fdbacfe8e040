/* The journal as its one writer has it: adds events, begins segments, removes old ones, and knows
 * by its lines how far each worker's file has been told of. */
#ifndef FTPOOL_HERALD_JOURNAL_H
#define FTPOOL_HERALD_JOURNAL_H

#include "herald/telling.h"

#include <jansson.h>

struct config;

struct journal {
	const struct config *config;
	int directory; /* the caller's */
	int segment;   /* -1: none yet */
	uint64_t first;
	uint64_t next; /* id */
	int64_t bytes; /* of the segment */
	int64_t begun_unix;
	bool dirty;        /* not yet on the disk */
	json_t *positions; /* how far each source has been told of */
};

/* Opens the newest segment, and mends it if its writer was killed in the middle of a line. 0 or
 * -errno. */
int journal_open(struct journal *journal, const struct config *config, int directory);
void journal_close(struct journal *journal);

/* How far that source has been told of; 0: not at all. */
uint64_t journal_position(const struct journal *journal, const char *source);

/* The source is gone for good. */
void journal_forget(struct journal *journal, const char *source);

/* Adds a line; telling->position is from then on how far its source has been told of. 0 or -errno,
 * and then nothing was added. */
int journal_add(struct journal *journal, const struct telling *telling);

/* Puts all that was added on the disk, unless nothing is to wait for it (sync = none). 0 or -errno.
 */
int journal_sync(struct journal *journal);

/* Begins a new segment when it is time, and removes old ones: `had` is the last event that whoever
 * has to have each of them has had. */
void journal_turn(struct journal *journal, uint64_t had);

#endif
