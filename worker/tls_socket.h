/* A socket as OpenSSL reads and writes it (bio(7)): never with a signal, and gathered. OpenSSL
 * makes a call of each record; of those that others follow at once the kernel is told so, and makes
 * large packets of them. */
#ifndef FTPOOL_WORKER_TLS_SOCKET_H
#define FTPOOL_WORKER_TLS_SOCKET_H

#include <openssl/bio.h>
#include <stdbool.h>

/* For a connected socket that never blocks and stays the caller's. *more is looked at with each
 * write: does another one follow at once? If so and none does, the bytes go out a moment later
 * (MSG_MORE of send(2)). NULL: out of memory. */
BIO *tls_socket_new(int socket, const bool *more);

#endif
