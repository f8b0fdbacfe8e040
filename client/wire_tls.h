/* TLS under a wire: the client's side of it, over a socket that never blocks. The server has to
 * show a certificate that is good for the name it was called by, unless anyone is trusted. */
#ifndef FTPOOL_CLIENT_WIRE_TLS_H
#define FTPOOL_CLIENT_WIRE_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct wire_tls;

/* The host as the user wrote it; `cacert`: a file of certificates to trust, NULL: the system's;
 * `insecure`: any will do. The socket stays the caller's. 0, or -ENOTCONN with the trouble set. */
int wire_tls_new(
	struct wire_tls **out, int socket, const char *host, const char *cacert, bool insecure);
void wire_tls_free(struct wire_tls *tls);

/* Goes on with the handshake. 0 when it is done; -EAGAIN, with the events of poll(2) to wait for;
 * -ENOTCONN with the trouble set. */
int wire_tls_shake(struct wire_tls *tls, short *events);

/* As recv(2) and send(2), but for -errno in place of errno; 0 is the end. */
ssize_t wire_tls_receive(struct wire_tls *tls, void *bytes, size_t size);
ssize_t wire_tls_send(struct wire_tls *tls, const void *bytes, size_t length);

/* Bytes are here that poll(2) does not tell of. */
bool wire_tls_has_pending(const struct wire_tls *tls);

#endif
