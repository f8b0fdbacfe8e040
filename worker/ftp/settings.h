/* How transfers and replies are to be: TYPE, STRU, MODE, OPTS, LANG. */
#ifndef FTPOOL_WORKER_FTP_SETTINGS_H
#define FTPOOL_WORKER_FTP_SETTINGS_H

#include "worker/ftp/commands.h"

/* All settings are as a session begins with. */
void settings_reset(struct ftp *ftp);

int settings_type(struct ftp *ftp, const struct command_call *call);
int settings_stru(struct ftp *ftp, const struct command_call *call);
int settings_mode(struct ftp *ftp, const struct command_call *call);
int settings_opts(struct ftp *ftp, const struct command_call *call);
int settings_lang(struct ftp *ftp, const struct command_call *call);

#endif
