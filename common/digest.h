/* SHA-256 (FIPS 180-4) of bytes as they pass, by libcrypto. */
#ifndef FTPOOL_COMMON_DIGEST_H
#define FTPOOL_COMMON_DIGEST_H

#include <stddef.h>

struct digest;

enum { DIGEST_TEXT = 65 };

/* A running digest, the caller's to free; NULL when memory is short. */
struct digest *digest_new(void);
void digest_free(struct digest *digest);

void digest_add(struct digest *digest, const void *bytes, size_t length);

/* The sum so far in 64 hexadecimal digits; nothing may be added after. Returns text. */
char *digest_text(struct digest *digest, char text[DIGEST_TEXT]);

#endif
