/* The pace of a session: so many commands a second (limits.commands_per_second), that many of which
 * may come at once. Who is over it is not refused: he rests, without a thread, until it is time for
 * the next one, while what he has sent waits where it is. */
#ifndef FTPOOL_WORKER_SESSION_PACE_H
#define FTPOOL_WORKER_SESSION_PACE_H

#include "worker/session.h"

/* For a protocol, before it takes a command: must this one wait? Then the protocol returns
 * SESSION_PARK, and is called again when it is time, whether there is more to read or not. */
bool session_pace_is_over(struct session *session);

/* It has taken one. */
void session_pace_spend(struct session *session);

#endif
