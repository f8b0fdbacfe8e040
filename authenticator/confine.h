/* What the authenticator gives up before it reads the first question. With the users file alone
 * that is all but reading it and finding the accounts' roots: it becomes the service's user, keeps
 * of root's rights that of passing through directories, and is confined by Landlock and seccomp.
 * PAM's modules need what nobody knows beforehand, so with PAM it stays what the master is. */
#ifndef FTPOOL_AUTHENTICATOR_CONFINE_H
#define FTPOOL_AUTHENTICATOR_CONFINE_H

#include "common/config.h"

/* To be called before any thread is started. 0, or -errno with *what naming the step that failed.
 */
int confine(const struct config *config, const char **what);

#endif
