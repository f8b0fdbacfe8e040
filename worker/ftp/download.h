/* RETR: a file to the client. */
#ifndef FTPOOL_WORKER_FTP_DOWNLOAD_H
#define FTPOOL_WORKER_FTP_DOWNLOAD_H

#include "worker/ftp/commands.h"

int download_retr(struct ftp *ftp, const struct command_call *call);

#endif
