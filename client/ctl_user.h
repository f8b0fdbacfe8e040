/* `ftpctl user …`: the accounts of the users file. Needs no server; what is changed holds from the
 * next login on. */
#ifndef FTPOOL_CLIENT_CTL_USER_H
#define FTPOOL_CLIENT_CTL_USER_H

#include "client/ctl_ask.h"

/* argv[0] is "user". */
enum ctl_exit ctl_user_run(int argc, char **argv);

#endif
