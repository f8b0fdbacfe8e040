/* The text of a hash by argon2 (RFC 9106), which is no method of crypt(3), but what Pure-FTPd has:
 *
 *     $argon2id$v=19$m=65536,t=2,p=1$SALT$HASH */
#ifndef FTPOOL_COMMON_ARGON2_FORM_H
#define FTPOOL_COMMON_ARGON2_FORM_H

#include <stdbool.h>

/* Of argon2id or argon2i, of one lane, and of no more memory than a login may cost. */
bool argon2_form_is_hash(const char *text);

#endif
