/* P of LGPQ's bare mode: content without length, ended by `##` after a pause. */
#ifndef FTPOOL_WORKER_LGPQ_BARE_PUT_H
#define FTPOOL_WORKER_LGPQ_BARE_PUT_H

#include "worker/session.h"

enum { BARE_REQUEST_LONGEST = 4096 };

/* Takes the upload. The length of the request that came glued to its end mark (0: none), written to
 * next; or the stream's -errno. An upload that fails on the disk after it began cannot be told to
 * the old client: it is read to its end, dropped, and logged. */
int bare_put(struct session *session, const struct vpath *path, char next[BARE_REQUEST_LONGEST]);

#endif
