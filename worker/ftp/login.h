/* Who the client is: USER, PASS, ACCT, REIN, HOST, QUIT. Anonymous is known from the config;
 * everybody else is asked for at the authenticator. */
#ifndef FTPOOL_WORKER_FTP_LOGIN_H
#define FTPOOL_WORKER_FTP_LOGIN_H

#include "worker/ftp/commands.h"

/* Nobody is logged in any more: forgets who was, and all that he had begun; frees what the session
 * holds but for the data connection's. The settings stay, as RFC 959 4.1.1 has it of USER. */
void login_forget(struct ftp *ftp);

int login_user(struct ftp *ftp, const struct command_call *call);
int login_pass(struct ftp *ftp, const struct command_call *call);
int login_acct(struct ftp *ftp, const struct command_call *call);
int login_rein(struct ftp *ftp, const struct command_call *call);
int login_host(struct ftp *ftp, const struct command_call *call);
int login_quit(struct ftp *ftp, const struct command_call *call);

/* When a login was refused, and the session has rested for it: the answer. 0, or -errno to close.
 */
int login_say_refused(struct ftp *ftp);

#endif
