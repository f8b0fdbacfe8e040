/* Shows the accounts of the users file, but for their hashes. */
#ifndef FTPOOL_CLIENT_CTL_USER_LIST_H
#define FTPOOL_CLIENT_CTL_USER_LIST_H

#include "client/ctl_ask.h"

/* One account with all that is known of it, or (name NULL) a line each for all of them. */
enum ctl_exit ctl_user_list(const char *file, const char *name);

#endif
