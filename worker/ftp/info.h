/* What the server tells of itself and of the session: SYST FEAT HELP NOOP STAT AVBL CLNT CSID, ABOR
 * when nothing runs, and those that are known and not done here. */
#ifndef FTPOOL_WORKER_FTP_INFO_H
#define FTPOOL_WORKER_FTP_INFO_H

#include "worker/ftp/commands.h"

int info_syst(struct ftp *ftp, const struct command_call *call);
int info_feat(struct ftp *ftp, const struct command_call *call);
int info_help(struct ftp *ftp, const struct command_call *call);
int info_noop(struct ftp *ftp, const struct command_call *call);
int info_stat(struct ftp *ftp, const struct command_call *call);
int info_avbl(struct ftp *ftp, const struct command_call *call);
int info_clnt(struct ftp *ftp, const struct command_call *call);
int info_csid(struct ftp *ftp, const struct command_call *call);
int info_abor(struct ftp *ftp, const struct command_call *call);
int info_not_here(struct ftp *ftp, const struct command_call *call);

#endif
