/* The data connection (RFC 959 3.2, RFC 2428): where it will come from, and making it.
 *
 * A session keeps the listening socket of its first PASV and offers its port again, emptied of
 * strangers first: that costs nothing, and a new one for each transfer would be slow once the ports
 * that lately were in use fill the system's range. Where the config's range is narrow, a session
 * gives its port back after each transfer as soon as there are half as many sessions as ports, so
 * that those that idle do not starve those that transfer. Only the control connection's own peer is
 * let in or called (RFC 2577). */
#ifndef FTPOOL_WORKER_FTP_DATA_H
#define FTPOOL_WORKER_FTP_DATA_H

#include "worker/ftp/commands.h"

/* Learns our own address from the control connection; nothing is agreed yet. */
void data_init(struct ftp_data *data, int control_socket);

/* Closes the listener and forgets what was agreed. Idempotent. */
void data_close(struct ftp *ftp);

int data_pasv(struct ftp *ftp, const struct command_call *call);
int data_epsv(struct ftp *ftp, const struct command_call *call);
int data_port(struct ftp *ftp, const struct command_call *call);
int data_eprt(struct ftp *ftp, const struct command_call *call);

/* Has the client said how? Else a transfer is 425 before anything is tried. */
bool data_is_agreed(const struct ftp *ftp);

/* A transfer is over: gives the port back if ports are scarce. */
void data_done(struct ftp *ftp);

/* Makes the connection that was agreed, watching `aside` meanwhile, and sets its stream up. 0;
 * -ETIMEDOUT when it was not made in time; what aside said; or -errno of connect(2). */
int data_open(struct ftp *ftp, struct stream *stream, struct stream_aside *aside);

#endif
