/* Who listens on a port: for the message that it is in use. From /proc (proc(5)); what the caller
 * may not see stays unknown. */
#ifndef FTPOOL_SUPERVISOR_PORT_OWNER_H
#define FTPOOL_SUPERVISOR_PORT_OWNER_H

#include "common/address.h"

#include <stdbool.h>

enum { PORT_OWNER = 64 };

/* Writes for example "vsftpd (pid 4711)". false when it cannot be told. */
bool port_owner(char owner[PORT_OWNER], const struct address *address);

#endif
