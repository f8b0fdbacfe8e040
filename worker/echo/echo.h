/* echo: every message is answered, with the listener's `reply` or, if there is none, with itself
 * (RFC 862). A message is what one recv(2) brings, as it was to the old echo servers. The smallest
 * protocol there can be: read it to see how one is added. */
#ifndef FTPOOL_WORKER_ECHO_ECHO_H
#define FTPOOL_WORKER_ECHO_ECHO_H

#include "worker/protocol.h"

extern const struct protocol echo_protocol;

#endif
