/* `ftpctl top`: the sessions, live, over the whole terminal; one of them can be chosen and kicked.
 */
#ifndef FTPOOL_CLIENT_CTL_TOP_H
#define FTPOOL_CLIENT_CTL_TOP_H

#include "client/ctl_commands.h"

/* argv[0], if there: the seconds between two looks. As JSON it looks once. */
enum ctl_exit ctl_top_run(const struct ctl_wish *wish, int argc, char **argv);

#endif
