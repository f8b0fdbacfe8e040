/* The limit's connections, clear or by TLS: what the kernel and OpenSSL cost, and nothing beside.
 * They block; whatever fails ends the connection, and the generator tells of it. */
#ifndef FTPOOL_TESTS_BENCH_FTP_LIMIT_WIRE_H
#define FTPOOL_TESTS_BENCH_FTP_LIMIT_WIRE_H
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct wire {
	int socket;
	SSL *tls; /* NULL: clear */
};

/* For connections with that certificate, which is in one file with its key. */
SSL_CTX *wire_context(const char *certificate);

/* TLS from here on; `data`: files move, and each goes out in large pieces. */
bool wire_secure(struct wire *wire, SSL_CTX *context, bool data);

/* As recv(2) and send(2) of all of it. */
ssize_t wire_read(struct wire *wire, void *bytes, size_t size);
bool wire_write(struct wire *wire, const void *bytes, size_t length);

/* A whole file, from its beginning. */
bool wire_send_file(struct wire *wire, int file, off_t size);

/* The end of TLS if there is any, and of the connection. */
void wire_close(struct wire *wire);

#endif
