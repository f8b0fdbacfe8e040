/* What is between TLS and its session tickets: the keys they are sealed with, and the mark of a
 * control connection inside. */
#ifndef FTPOOL_WORKER_TLS_TICKET_H
#define FTPOOL_WORKER_TLS_TICKET_H

#include "worker/tls_link.h"

/* Sets a context up to give and take tickets as the config wants. 0 or -EINVAL. */
int tls_ticket_set_up(SSL_CTX *context, const struct tls *tls);

/* Has an established data connection resumed a session with its control connection's mark? */
bool tls_ticket_is_ours(const struct tls_link *link);

#endif
