/* What an account's line says of TLS. Private to user. */
#ifndef FTPOOL_COMMON_USER_TLS_H
#define FTPOOL_COMMON_USER_TLS_H

#include "common/user.h"

/* Reads the value of "tls" or "certificate"; "" takes back what was said. false after complaining.
 */
bool user_tls_take(struct user_tls *tls, const char *key, const char *value, struct origin origin,
	struct complaints *complaints);

/* Writes what was said, a blank before each. */
void user_tls_print(FILE *out, const struct user_tls *tls);

#endif
