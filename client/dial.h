/* From a host's name to a connected socket. */
#ifndef FTPOOL_CLIENT_DIAL_H
#define FTPOOL_CLIENT_DIAL_H

#include <stdint.h>

struct addrinfo;

/* All addresses of the host, for freeaddrinfo(3). 0, or -ENOTCONN with the trouble set. Blocks as
 * long as the resolver does, so it is for the program's start. */
int dial_resolve(struct addrinfo **addresses, const char *host, uint16_t port);

/* Tries the addresses in turn, each for so long. A connected, non-blocking socket, the caller's to
 * close; or -ENOTCONN or -ECANCELED with the trouble set (each address and why it failed). */
int dial_connect(const struct addrinfo *addresses, int timeout_ms);

#endif
