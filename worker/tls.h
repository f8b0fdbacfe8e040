/* TLS by OpenSSL 3: the certificates and keys that the config names, and how they are used. The
 * master reads and checks them while it still may, and keeps them in memory; its workers inherit
 * them with the fork, or are handed new ones later, so neither a worker's user nor its sandbox has
 * to let it at a private key. */
#ifndef FTPOOL_WORKER_TLS_H
#define FTPOOL_WORKER_TLS_H

#include "common/config.h"
#include "common/ticket_keys.h"
#include "worker/tls_material.h"

#include <openssl/ssl.h>

struct tls_identity {
	SSL_CTX *context; /* with one certificate, its chain and its key */
	char *file;       /* of the certificate */
};

/* Constant once it is made, but for the tickets' keys. */
struct tls {
	const struct config *config;
	const struct ticket_keys *tickets;
	struct tls_identity identities[TLS_NAMES_MOST];
	size_t count;
	bool kernel; /* this kernel has TLS of its own */
};

/* Makes what the config says of the material, which is not needed any more then. NULL after telling
 * what is wrong with it. The config must have a certificate, and outlive it; so must the tickets'
 * keys. */
struct tls *tls_new(const struct config *config, const struct ticket_keys *tickets,
	const struct tls_material *material, struct complaints *complaints);
void tls_free(struct tls *tls);

/* When the first of the certificates will no longer be good, in seconds since 1970; its file's name
 * if that is wanted. */
int64_t tls_expires_unix(const struct tls *tls, const char **file);

#endif
