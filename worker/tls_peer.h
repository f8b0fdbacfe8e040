/* Who is at the other end of a TLS connection, as its certificate says. */
#ifndef FTPOOL_WORKER_TLS_PEER_H
#define FTPOOL_WORKER_TLS_PEER_H

#include "common/certificate_names.h"
#include "worker/tls_link.h"

/* Writes the names of the client's certificate, with newlines between. false: it has shown none
 * that one of our authorities vouches for, or that is not good any more. */
bool tls_peer_names(const struct tls_link *link, char names[CERTIFICATE_NAMES]);

#endif
