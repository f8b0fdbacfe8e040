/* on_upload: runs a program for each event, one after the other, until it has succeeded for each.
 * How far it has got is in the file `on_upload` beside the journal, so that no event is left out;
 * one whose run was cut short is run for again.
 *
 * The program has the event's line as its standard input, FTPOOL_ID, FTPOOL_FILE … in its
 * environment, and what `%file` and the like in its arguments stand for. */
#ifndef FTPOOL_HERALD_PROGRAM_H
#define FTPOOL_HERALD_PROGRAM_H

#include "common/config.h"
#include "common/event_journal.h"

#include <sys/types.h>

struct program {
	const struct config *config;
	int positions; /* the file; -1: there is no program */
	uint64_t had;  /* the last event that it has succeeded for */
	bool waiting;  /* an event is there that it has to be run for */
	char *line;
	struct event_reader reader;
	pid_t pid;   /* 0: it does not run */
	int process; /* pidfd; -1: it does not run */
	int64_t since_ms, next_try_ms;
	uint32_t failures; /* for this event, in a row */
	bool told_to_end;
};

/* A program that is new begins behind `last`, the newest event. 0 or -errno. */
int program_open(
	struct program *program, const struct config *config, int directory, uint64_t last);

/* Ends it if it runs, and waits for that. */
void program_close(struct program *program);

/* Does what is to be done now; never waits. */
void program_tend(struct program *program, int64_t now_ms);

/* How long until something is to be done, at most patience_ms. */
int program_patience(const struct program *program, int patience_ms, int64_t now_ms);

#endif
