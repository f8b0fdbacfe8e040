/* How far a transfer is, on one line of the terminal: drawn once it has lasted half a second, and
 * about ten times a second from then on. There is one terminal, so one progress at a time. */
#ifndef FTPOOL_CLIENT_PROGRESS_H
#define FTPOOL_CLIENT_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

struct progress {
	const char *title; /* what the bytes are, for instance a file's name */
	int64_t total;     /* bytes in all; -1: unknown */
	int64_t from;      /* bytes that were there before */
	int64_t done;      /* bytes that are there now */
	int64_t rate;      /* bytes per second, of late */
	int64_t elapsed_ms;
};

/* Starts a new progress in place of the last one. The title is copied. */
void progress_begin(const char *title, int64_t from, int64_t total);

/* So many more bytes are there. Without a begun progress it does nothing. */
void progress_add(size_t bytes);

/* Draws if it is time to: for whoever waits. */
void progress_tick(void);

/* Wipes the line. Returns the milliseconds since progress_begin. Idempotent. */
int64_t progress_end(void);

/* The line for so many columns, at least 20, ending in NUL; for the terminal and for tests. The
 * caller frees; NULL when memory is short. Pure. */
char *progress_line(const struct progress *progress, size_t columns);

#endif
