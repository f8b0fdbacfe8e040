/* From a line to its command: finds the row, holds the row's rules, resolves the path, runs it. */
#ifndef FTPOOL_WORKER_FTP_DISPATCH_H
#define FTPOOL_WORKER_FTP_DISPATCH_H

#include "worker/ftp/state.h"

/* Answers one line, which it may change; line[length] is NUL. 0 to go on; else the session is over
 * (-errno of the control connection, -ESHUTDOWN after QUIT, -ECONNABORTED when it was shown the
 * door). */
int dispatch_line(struct ftp *ftp, char *line, size_t length);

#endif
