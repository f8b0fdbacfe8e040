/* Room for one more session of a user who has all he may have: his sessions that idle and whose
 * client is gone, though the connection stands, end first. Workers ask each other through the
 * master; each probes its own (worker/pulse), and shows on the board what it has found. */
#ifndef FTPOOL_WORKER_SESSION_ROOM_H
#define FTPOOL_WORKER_SESSION_ROOM_H

#include "worker/session.h"

/* As session_log_in, but before it says -EUSERS it waits for such sessions to end: a few seconds at
 * most, in which the thread steps out, and hardly at all when they are all alive. Or -errno when
 * its own client has gone. */
int session_log_in_patiently(struct session *session, const char *name, uint32_t most);

/* Probes this worker's idle sessions of a user, whom the order names by limits_user in hexadecimal
 * digits. For the monitor thread. */
void sessions_probe(struct sessions *sessions, const char *order);

#endif
