/* From a question to its answer: asks the users file and PAM in the config's order, and logs why
 * somebody is refused, which the client is not told. */
#ifndef FTPOOL_AUTHENTICATOR_JUDGE_H
#define FTPOOL_AUTHENTICATOR_JUDGE_H

#include "authenticator/accounts.h"
#include "authenticator/roots.h"

struct judge {
	const struct config *config;
	struct accounts *accounts; /* NULL: the file is not asked */
	struct roots roots;
};

/* Fills in the answer. The account's root, the caller's to close, or -1 when it does not grant.
 * From any thread; takes as long as a hash does. */
int judge_question(const struct judge *judge, const struct login_question *question,
	struct login_answer *answer);

#endif
