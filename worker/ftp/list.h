/* Listings over the data connection and, for STAT and MLST, over the control connection. */
#ifndef FTPOOL_WORKER_FTP_LIST_H
#define FTPOOL_WORKER_FTP_LIST_H

#include "worker/ftp/commands.h"

int list_list(struct ftp *ftp, const struct command_call *call);
int list_nlst(struct ftp *ftp, const struct command_call *call);
int list_mlsd(struct ftp *ftp, const struct command_call *call);
int list_mlst(struct ftp *ftp, const struct command_call *call);

/* STAT with a path (RFC 959 4.1.3): what LIST would send, in the reply. */
int list_stat(struct ftp *ftp, const struct command_call *call);

#endif
