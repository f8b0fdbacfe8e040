/* The amounts that an account's line may name: how fast its bytes move and how many they may be.
 * Private to user. */
#ifndef FTPOOL_COMMON_USER_AMOUNTS_H
#define FTPOOL_COMMON_USER_AMOUNTS_H

#include "common/user.h"

/* Reads the value of one of them; "" takes back what was said. false after complaining. */
bool user_amounts_take(struct user_amounts *amounts, const char *key, const char *value,
	struct origin origin, struct complaints *complaints);

/* Writes those that were said, a blank before each. */
void user_amounts_print(FILE *out, const struct user_amounts *amounts);

#endif
