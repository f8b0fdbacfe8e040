/* A socket as OpenSSL reads and writes it (bio(7)): never with a signal, and gathered. OpenSSL
 * makes a call of each record; of those that others follow at once the kernel is told so, and makes
 * large packets of them. */
#ifndef FTPOOL_WORKER_TLS_SOCKET_H
#define FTPOOL_WORKER_TLS_SOCKET_H

#include <openssl/bio.h>
#include <stdbool.h>
#include <stddef.h>

/* For a connected socket that never blocks and stays the caller's. *more is looked at with each
 * write: does another one follow at once? If so and none does, the bytes go out a moment later
 * (MSG_MORE of send(2)). NULL: out of memory. */
BIO *tls_socket_new(int socket, const bool *more);

/* From now on records are gathered, up to so many bytes, at least one record's, and go out in one
 * call: the kernel wakes the receiver, most often asleep on another processor, with each. Nothing
 * goes out by itself: tls_socket_release has to follow, before anything that someone waits for.
 * 0 or -ENOMEM. */
int tls_socket_gather(BIO *bio, size_t size);

/* Sends what was gathered; when all of it is sent, gathers no more. 0; -EAGAIN: the socket has no
 * room, to be called again; or -errno. */
int tls_socket_release(BIO *bio);

#endif
