/* SITE WHO: the same user's sessions from the same address, over all workers. */
#ifndef FTPOOL_WORKER_FTP_SITE_WHO_H
#define FTPOOL_WORKER_FTP_SITE_WHO_H

#include "worker/ftp/state.h"

/* Replies with a line each. 0 or the -errno of the control connection. */
int site_who(struct ftp *ftp, const char *text);

#endif
