/* What is spoken inside (ALPN, RFC 7301): a client that says what it wants, and wants something
 * else, has been led here by somebody (ALPACA, 2021), and is refused. One that says nothing is
 * served. */
#ifndef FTPOOL_WORKER_TLS_ALPN_H
#define FTPOOL_WORKER_TLS_ALPN_H

#include <openssl/ssl.h>

/* For connections whose application data (SSL_set_app_data) is their struct tls_link. */
void tls_alpn_set_up(SSL_CTX *context);

#endif
