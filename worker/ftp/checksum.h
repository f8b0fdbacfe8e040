/* Checksums of files: HASH (draft-bryan-ftp-hash) and the older XCRC XMD5 XSHA1 XSHA256 XSHA512. */
#ifndef FTPOOL_WORKER_FTP_CHECKSUM_H
#define FTPOOL_WORKER_FTP_CHECKSUM_H

#include "worker/ftp/commands.h"

int checksum_hash(struct ftp *ftp, const struct command_call *call);
int checksum_xcrc(struct ftp *ftp, const struct command_call *call);
int checksum_xmd5(struct ftp *ftp, const struct command_call *call);
int checksum_xsha1(struct ftp *ftp, const struct command_call *call);
int checksum_xsha256(struct ftp *ftp, const struct command_call *call);
int checksum_xsha512(struct ftp *ftp, const struct command_call *call);

#endif
