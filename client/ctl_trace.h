/* `ftpctl trace TARGET`: what sessions say, as they say it, until it is interrupted or the server
 * ends. */
#ifndef FTPOOL_CLIENT_CTL_TRACE_H
#define FTPOOL_CLIENT_CTL_TRACE_H

#include "client/ctl_commands.h"

enum ctl_exit ctl_trace_run(const struct ctl_wish *wish, int argc, char **argv);

#endif
