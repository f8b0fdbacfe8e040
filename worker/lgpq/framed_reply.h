/* The replies of LGPQ's framed mode that say no: `ERR <word> <text>`. */
#ifndef FTPOOL_WORKER_LGPQ_FRAMED_REPLY_H
#define FTPOOL_WORKER_LGPQ_FRAMED_REPLY_H

#include "worker/session.h"

/* Replies with an error word and says why. 0 or the stream's -errno. */
int framed_refuse(struct session *session, const char *word, const char *why);

/* The same for what went wrong with a file; error is an -errno of store or upload. */
int framed_refuse_error(struct session *session, int error);

/* Sends a line of a reply, its \n included; `more` as in stream_write. */
int framed_say(struct session *session, const char *line, size_t length, bool more);

#endif
