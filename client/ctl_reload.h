/* `ftpctl reload` and `ftpctl upgrade`: has the server read its config again, or become another
 * program, waits for what comes of it, and says it. */
#ifndef FTPOOL_CLIENT_CTL_RELOAD_H
#define FTPOOL_CLIENT_CTL_RELOAD_H

#include "client/ctl_commands.h"

enum ctl_exit ctl_reload(const struct ctl_wish *wish, int argc, char **argv);
enum ctl_exit ctl_upgrade(const struct ctl_wish *wish, int argc, char **argv);

#endif
