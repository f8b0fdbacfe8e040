/* The accounts of the users file. It is looked at with each question and read again when it has
 * changed, so a change holds from the next login on. From any thread. */
#ifndef FTPOOL_AUTHENTICATOR_ACCOUNTS_H
#define FTPOOL_AUTHENTICATOR_ACCOUNTS_H

#include "common/login_message.h"
#include "common/user.h"

#include <crypt.h>

struct accounts;

/* NULL when memory is short. `file` must outlive it. */
struct accounts *accounts_new(const char *file);
void accounts_free(struct accounts *accounts);

/* What the file knows of an account, copied; accounts_forget wipes it. */
struct account_facts {
	char hash[CRYPT_OUTPUT_SIZE]; /* "": no password is right */
	char root[PATH_MAX];          /* as written */
	uint32_t may;
	struct rights_at at;
	int64_t sessions_most; /* -1: as many as the config says */
	struct user_amounts amounts;
	uint32_t tls_require;
	bool admits_certificate; /* the one that was shown */
	const char *refused; /* why it may not log in now, whatever the password; NULL: it may */
};

/* Is there an account of that name, be it one whose line has a fault and that is refused? What
 * holds for who asks that question and speaks that protocol. */
bool accounts_find(struct accounts *accounts, const char *name,
	const struct login_question *question, uint32_t protocol, struct account_facts *facts);

void accounts_forget(struct account_facts *facts);

#endif
