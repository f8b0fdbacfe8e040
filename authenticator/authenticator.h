/* The authenticator: the only process that sees password hashes or asks PAM. It takes its
 * birthright, gives up what it does not need, and then answers the workers' questions
 * (common/login_message), each on one of a few threads, so that a costly hash delays nobody else.
 *
 *     authenticator  one process's life
 *     judge          from a question to its answer
 *     accounts       the users file, read again when it changes
 *     password       is a password the one of a hash? An unknown user's takes as long
 *     pam            what the system knows
 *     roots          the way to an account's root
 *     confine        what this process gives up */
#ifndef FTPOOL_AUTHENTICATOR_AUTHENTICATOR_H
#define FTPOOL_AUTHENTICATOR_AUTHENTICATOR_H

#include "common/config.h"

/* Everything it may know. The descriptors are open; all others are closed by the master's fork. */
struct authenticator_birthright {
	const struct config *config;
	int channel;   /* to the master */
	int questions; /* from all workers; waits */
};

enum authenticator_exit {
	AUTHENTICATOR_LEFT = 0,          /* its master is gone */
	AUTHENTICATOR_CANNOT_START = 71, /* said why on the channel */
};

/* The life of the process; the caller does _exit with what it returns. */
enum authenticator_exit authenticator_main(const struct authenticator_birthright *birthright);

#endif
