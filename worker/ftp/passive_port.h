/* The ports of passive data connections: one listening socket from the configured range, which all
 * workers share without talking about it, since bind(2) and listen(2) are the judges. */
#ifndef FTPOOL_WORKER_FTP_PASSIVE_PORT_H
#define FTPOOL_WORKER_FTP_PASSIVE_PORT_H

#include "common/address.h"
#include "common/config.h"

/* Listens on the local address (its port does not count) on a port of the range, beginning at a
 * random one; *local gets it. The socket, non-blocking; -EADDRINUSE when all of the range is taken;
 * or -errno. What is accepted there has NODELAY and keep-alive set (tcp(7): they are inherited). */
int passive_port_listen(struct address *local, const struct config_ports *range);

#endif
