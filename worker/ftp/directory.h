/* The current directory of a session. */
#ifndef FTPOOL_WORKER_FTP_DIRECTORY_H
#define FTPOOL_WORKER_FTP_DIRECTORY_H

#include "worker/ftp/state.h"
#include "worker/vpath.h"

/* The current directory. */
void directory_current(const struct ftp *ftp, struct vpath *directory);

/* Makes it another one. 0 or -ENOMEM. */
int directory_change(struct ftp *ftp, const struct vpath *directory);

/* A path that a client wrote, seen from there. As vpath_resolve. */
int directory_resolve(const struct ftp *ftp, struct vpath *path, const char *text, size_t length);

#endif
