/* From texts in PEM form to what OpenSSL works with: looked at hard, and whatever is wrong is told
 * as a fault of the config, at the line that names the file. */
#ifndef FTPOOL_WORKER_TLS_PEM_H
#define FTPOOL_WORKER_TLS_PEM_H

#include "worker/tls_material.h"

#include <openssl/ssl.h>

/* Gives the context the certificate of that number, its chain and its key. The key has to fit, and
 * the certificate to be good now. 0, or -EINVAL after complaining. */
int tls_pem_use_identity(SSL_CTX *context, const struct tls_material *material,
	const struct config *config, size_t which, struct complaints *complaints);

/* Gives it those who may vouch for clients, and what they have revoked. As above. */
int tls_pem_use_authorities(SSL_CTX *context, const struct tls_material *material,
	const struct config *config, struct complaints *complaints);

/* When a certificate will no longer be good, in seconds since 1970. */
int64_t tls_pem_expires_unix(const X509 *certificate);

#endif
