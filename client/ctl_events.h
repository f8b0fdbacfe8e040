/* ftpctl events: the journal of uploads, line by line, as it is or as it grows. The master says
 * where it is; it is read from the disk, so that following it costs the server nothing. */
#ifndef FTPOOL_CLIENT_CTL_EVENTS_H
#define FTPOOL_CLIENT_CTL_EVENTS_H

#include "client/ctl_commands.h"

enum ctl_exit ctl_events_run(const struct ctl_wish *wish, int argc, char **argv);

#endif
