/* The control connection: lines in (RFC 959 4.1.3, RFC 1123 4.1.2.10), and what can be heard of it
 * while a transfer runs. */
#ifndef FTPOOL_WORKER_FTP_CONTROL_H
#define FTPOOL_WORKER_FTP_CONTROL_H

#include "worker/ftp/state.h"

enum { CONTROL_LINE = 8192 };

/* The next whole line, without its end. Its length; -EAGAIN when there is none yet; -EMSGSIZE once
 * for a line that is too long, of which the rest will be skipped; 0 is an empty line; or the
 * -errno of the connection. Reads nothing. */
ssize_t control_line(struct ftp *ftp, char line[CONTROL_LINE]);

/* Reads what has come. As stream_fill; a full buffer is no error here. */
ssize_t control_read(struct ftp *ftp);

/* Reads what poll(2) told of while something else is done: 0; 1 when the client's side has ended;
 * -ENOTCONN when the connection is gone. `awaited` becomes what poll(2) is to wait for from now on:
 * nothing, where it would be ready all the time. */
int control_hear(struct ftp *ftp, short events, short *awaited);

/* What stands in the queue meanwhile. */
struct control_queue {
	bool abort;  /* ABOR, anywhere */
	bool quit;   /* QUIT, anywhere */
	bool status; /* STAT without argument is the first */
};

/* Looks through the lines that wait, without taking any. */
struct control_queue control_look(const struct ftp *ftp);

/* Takes the first line of the queue and forgets it. */
void control_drop_line(struct ftp *ftp);

#endif
