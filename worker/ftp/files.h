/* Commands about names: CWD CDUP PWD MKD RMD DELE RNFR RNTO. */
#ifndef FTPOOL_WORKER_FTP_FILES_H
#define FTPOOL_WORKER_FTP_FILES_H

#include "worker/ftp/commands.h"

/* Who changed what, for whoever asks next morning. */
void files_log_change(const struct ftp *ftp, const char *verb, const struct vpath *path);

int files_cwd(struct ftp *ftp, const struct command_call *call);
int files_cdup(struct ftp *ftp, const struct command_call *call);
int files_pwd(struct ftp *ftp, const struct command_call *call);
int files_mkd(struct ftp *ftp, const struct command_call *call);
int files_rmd(struct ftp *ftp, const struct command_call *call);
int files_dele(struct ftp *ftp, const struct command_call *call);
int files_rnfr(struct ftp *ftp, const struct command_call *call);
int files_rnto(struct ftp *ftp, const struct command_call *call);

#endif
