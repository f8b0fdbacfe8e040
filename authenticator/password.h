/* Is that password the one of that hash (crypt(3), or argon2)? Where there is no hash to compare
 * with, one is made all the same, so that nobody can tell by the clock who has an account. From any
 * thread. */
#ifndef FTPOOL_AUTHENTICATOR_PASSWORD_H
#define FTPOOL_AUTHENTICATOR_PASSWORD_H

#include <stdbool.h>

/* Makes the hash that nobody's password has, by the method of new ones. 0 or -errno. */
int password_prepare(void);

/* hash "": there is none, and no password is right. */
bool password_is_right(const char *password, const char *hash);

#endif
