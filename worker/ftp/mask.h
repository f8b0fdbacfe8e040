/* Lines as they may be shown and kept: without what is secret in them. Pure.
 *
 *     PASS hunter2                   PASS ****
 *     USER anna:hunter2              USER anna:****
 *     RETR ftp://anna:hunter2@host/  RETR ftp://anna:****@host/
 *     PSWD hunter2                   PSWD ****  (nobody knows what an unknown command takes)
 *     hunter2                        ****       (no command has such a name, but a password may) */
#ifndef FTPOOL_WORKER_FTP_MASK_H
#define FTPOOL_WORKER_FTP_MASK_H

#include <stddef.h>

enum { MASKED = 512 };

/* A client's command line. Writes to text, cut to fit and ended by NUL; returns the length. */
size_t mask_command(char text[MASKED], const char *line, size_t length);

/* A line of a reply, which may repeat a part of the command's. */
size_t mask_reply(char text[MASKED], const char *line, size_t length);

#endif
