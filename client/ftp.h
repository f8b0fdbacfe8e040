/* FTP (RFC 959, with 2389, 2428, 3659, 4217 and HASH), by libcurl, as a protocol of the client. */
#ifndef FTPOOL_CLIENT_FTP_H
#define FTPOOL_CLIENT_FTP_H

struct remote;
struct route;

/* Finds the server, connects, logs in (asking the user for a password where one is needed), learns
 * what the server can do, and enters the directory. Sets remote->protocol. 0, or -errno with the
 * trouble set and nothing left open. */
int ftp_open(struct remote *remote, const struct route *route);

#endif
