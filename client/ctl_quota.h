/* ftpctl quota: who has how much of what he may have, and the order to count it anew. */
#ifndef FTPOOL_CLIENT_CTL_QUOTA_H
#define FTPOOL_CLIENT_CTL_QUOTA_H

#include "client/ctl_commands.h"

enum ctl_exit ctl_quota_run(const struct ctl_wish *wish, int argc, char **argv);

#endif
