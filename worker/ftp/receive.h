/* Uploads: STOR, APPE, STOU. A file appears under its name whole or not at all; what came of one
 * that broke off is kept, and REST with STOR, or APPE, goes on from it (upload.h). */
#ifndef FTPOOL_WORKER_FTP_RECEIVE_H
#define FTPOOL_WORKER_FTP_RECEIVE_H

#include "worker/ftp/commands.h"

int receive_stor(struct ftp *ftp, const struct command_call *call);
int receive_appe(struct ftp *ftp, const struct command_call *call);
int receive_stou(struct ftp *ftp, const struct command_call *call);

#endif
