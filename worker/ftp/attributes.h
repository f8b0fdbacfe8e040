/* What is known of a file, and setting it: SIZE MDTM MFMT MFCT MFF. */
#ifndef FTPOOL_WORKER_FTP_ATTRIBUTES_H
#define FTPOOL_WORKER_FTP_ATTRIBUTES_H

#include "worker/ftp/commands.h"

int attributes_size(struct ftp *ftp, const struct command_call *call);
int attributes_mdtm(struct ftp *ftp, const struct command_call *call);
int attributes_mfmt(struct ftp *ftp, const struct command_call *call);
int attributes_mfct(struct ftp *ftp, const struct command_call *call);
int attributes_mff(struct ftp *ftp, const struct command_call *call);

#endif
