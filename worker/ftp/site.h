/* SITE (RFC 959 4.1.3): what is not in any standard: CHMOD UTIME MKDIR RMDIR CPFR CPTO SYMLINK HELP
 * IDLE WHO. */
#ifndef FTPOOL_WORKER_FTP_SITE_H
#define FTPOOL_WORKER_FTP_SITE_H

#include "worker/ftp/commands.h"

int site_site(struct ftp *ftp, const struct command_call *call);

/* HELP SITE. */
int site_help(struct ftp *ftp, const char *text);

#endif
