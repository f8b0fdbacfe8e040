/* The first request to an FTP server. */
#ifndef FTPOOL_CLIENT_FTP_LOGIN_H
#define FTPOOL_CLIENT_FTP_LOGIN_H

struct ftp_link;

/* Logs in, learns what the server can do, and enters the directory. The password is the URL's, or
 * that of ~/.netrc, or the user is asked for it. 0 or -errno with the trouble set. */
int ftp_login(struct ftp_link *link);

#endif
