/* What the system knows of a user, by PAM (pam(3)): local accounts, LDAP, SSSD … From any thread,
 * as far as the modules can. */
#ifndef FTPOOL_AUTHENTICATOR_PAM_H
#define FTPOOL_AUTHENTICATOR_PAM_H

#include "common/config.h"
#include "common/login_message.h"

#include <limits.h>

/* 0 when the password is right and the account in order: then root is where the user is served, and
 * user the name that PAM gives him in the end. -EACCES when PAM says no, with *why a word for the
 * log; or another -errno when it cannot be asked. */
int pam_judge(const struct config *config, const struct login_question *question,
	char user[LOGIN_USER], char root[PATH_MAX], const char **why);

#endif
