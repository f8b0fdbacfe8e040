/* P of LGPQ's framed mode: `size` bytes of which the first `offset` may be here already. */
#ifndef FTPOOL_WORKER_LGPQ_FRAMED_PUT_H
#define FTPOOL_WORKER_LGPQ_FRAMED_PUT_H

#include "worker/session.h"

/* Takes the upload and replies. 0 when the session can go on, even if the upload was refused; else
 * the stream's -errno. */
int framed_put(struct session *session, const struct vpath *path, int64_t size, int64_t offset);

#endif
