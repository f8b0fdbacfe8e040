/* TLS in FTP (RFC 4217, RFC 2228): turning the control connection to TLS and back, what of the data
 * connection is said about it, and what may not be done without it. */
#ifndef FTPOOL_WORKER_FTP_SECURE_H
#define FTPOOL_WORKER_FTP_SECURE_H

#include "worker/ftp/commands.h"

/* For a session that begins: one that came in by TLS has its data protected unless it says
 * otherwise, as FTPS over port 990 always was. */
void secure_begin(struct ftp *ftp);

/* Is TLS offered to this session? Else its commands are as good as unknown. */
bool secure_is_offered(const struct ftp *ftp);

int secure_auth(struct ftp *ftp, const struct command_call *call);
int secure_pbsz(struct ftp *ftp, const struct command_call *call);
int secure_prot(struct ftp *ftp, const struct command_call *call);
int secure_ccc(struct ftp *ftp, const struct command_call *call);

/* What the config requires: may one log in over this connection, and may a transfer run? */
bool secure_lets_log_in(const struct ftp *ftp);
bool secure_lets_transfer(const struct ftp *ftp);

/* After PROT P: does the handshake of a data connection, as the server whoever called whom (RFC
 * 4217 7). 0; -EPROTO when TLS fails; -EKEYREJECTED when the session of the control connection is
 * not resumed and has to be; -ETIMEDOUT; or as stream_wait. Nothing to do otherwise: 0. */
int secure_data(struct ftp *ftp, struct stream *data);

/* After that, and before the reply that ends the transfer: a client that resumed a session gets
 * another ticket for its next one. */
void secure_data_done(struct ftp *ftp, const struct stream *data);

/* STAT's line of what is protected; none where nothing is. 0 or -errno. */
int secure_tell(struct ftp *ftp);

/* How a data connection is protected, as fields of a log line with a blank before each; "" when it
 * is not. */
enum { SECURE_TEXT = 80 };
const char *secure_describe(const struct stream *data, char text[SECURE_TEXT]);

#endif
