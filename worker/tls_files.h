/* The files with certificates and keys: read, and looked at hard before anything is made of them.
 * Whatever is wrong is told as a fault of the config, at the line that names the file. */
#ifndef FTPOOL_WORKER_TLS_FILES_H
#define FTPOOL_WORKER_TLS_FILES_H

#include "common/config.h"

#include <openssl/ssl.h>

/* Reads the config's certificate of that number, its chain and its key into the context. The key
 * has to fit, the certificate to be good now, and the key's file to be closed to strangers. 0, or
 * -EINVAL after complaining. */
int tls_files_read_identity(
	SSL_CTX *context, const struct config *config, size_t which, struct complaints *complaints);

/* Reads those who may vouch for clients, and what they have revoked. As above. */
int tls_files_read_authorities(
	SSL_CTX *context, const struct config *config, struct complaints *complaints);

/* When a certificate will no longer be good, in seconds since 1970. */
int64_t tls_files_expires_unix(const X509 *certificate);

#endif
