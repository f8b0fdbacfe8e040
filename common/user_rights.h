/* The rights of an account's line: may=list,get for all of it, may:/incoming=put for a directory.
 * Private to user. */
#ifndef FTPOOL_COMMON_USER_RIGHTS_H
#define FTPOOL_COMMON_USER_RIGHTS_H

#include "common/user.h"

/* Takes "may:PATH" and its value: rights, none, or nothing for what holds elsewhere. false after
 * complaining. */
bool user_rights_take(struct user *user, const char *key, char *value, struct origin origin,
	struct complaints *complaints);

/* Is that key one of those, and is something said of its path already? */
bool user_rights_is_key(const char *key);
bool user_rights_has(const struct user *user, const char *key);

/* " may:/incoming=put", for each. */
void user_rights_print(FILE *out, const struct user *user);

#endif
