/* The socket of the status pipe: made with the right owner and mode, in place of a stale one, never
 * in place of a live one. */
#ifndef FTPOOL_SUPERVISOR_STATUS_SOCKET_H
#define FTPOOL_SUPERVISOR_STATUS_SOCKET_H

#include "common/config.h"

/* The listening socket, never blocking, or -1 after complaining. Creates the last directory of the
 * path if it is missing. */
int status_socket_open(const struct config *config, struct complaints *complaints);

#endif
