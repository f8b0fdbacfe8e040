/* Where the next transfer begins and ends: REST (RFC 3659 5), RANG (draft-bryan-ftp-range), and
 * whether there is room for it: ALLO. */
#ifndef FTPOOL_WORKER_FTP_RESTART_H
#define FTPOOL_WORKER_FTP_RESTART_H

#include "worker/ftp/commands.h"

int restart_rest(struct ftp *ftp, const struct command_call *call);
int restart_rang(struct ftp *ftp, const struct command_call *call);
int restart_allo(struct ftp *ftp, const struct command_call *call);

#endif
