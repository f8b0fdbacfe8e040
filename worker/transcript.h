/* What was said: each session keeps its last lines, commands and replies, without what is secret in
 * them (the protocol has masked that). They go to the log when the session ends in an error, and
 * live to whoever follows it (trace). Memory comes with the first line and grows with what was
 * said, up to 16 KiB. */
#ifndef FTPOOL_WORKER_TRANSCRIPT_H
#define FTPOOL_WORKER_TRANSCRIPT_H

#include "worker/session.h"

enum { TRANSCRIPT_LINES = 64, TRANSCRIPT_LONGEST = 240 };

enum transcript_side { FROM_CLIENT, TO_CLIENT };

struct transcript_line {
	int64_t at_ms; /* clock_coarse_ms */
	enum transcript_side side;
	size_t length;
	char text[TRANSCRIPT_LONGEST]; /* any bytes; what was longer is cut */
};

/* Notes a line, without its end, for the session's owner. If memory is short, it is not kept. */
void transcript_note(
	struct session *session, enum transcript_side side, const char *line, size_t length);

/* Hands on what is kept, oldest first. From any thread; the session must not begin or end
 * meanwhile. */
void transcript_each(struct session *session,
	void (*take)(void *context, const struct transcript_line *line), void *context);

/* Writes what is kept to the log, a line each; of many that fail at a time only some. */
void transcript_log(struct session *session, const char *trouble);

/* Frees what is kept. */
void transcript_close(struct session *session);

/* For a signal handler: writes the last lines to a descriptor. They may be torn, if the signal came
 * in the middle of one. */
void transcript_cry(const struct session *session, int descriptor);

#endif
