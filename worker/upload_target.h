/* What stands where an upload goes. */
#ifndef FTPOOL_WORKER_UPLOAD_TARGET_H
#define FTPOOL_WORKER_UPLOAD_TARGET_H

#include "worker/store_place.h"

/* 0: nothing. 1: something that a file may take the place of, a file or a link; its stat(2), links
 * not followed. -EISDIR; -EEXIST for anything else; or -errno. */
int upload_target_look(const struct store_place *place, struct stat *status);

#endif
