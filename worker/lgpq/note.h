/* What is told of a file that came or went: in the log, in the transfer log, in the counters. */
#ifndef FTPOOL_WORKER_LGPQ_NOTE_H
#define FTPOOL_WORKER_LGPQ_NOTE_H

#include "worker/session.h"

/* The transfer that the session's command is has ended: 0, or -errno. */
void note_put(struct session *session, const char *event, int error);
void note_get(struct session *session, int error);

#endif
