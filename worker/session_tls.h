/* TLS handshakes of sessions. Half a handshake is parked like half a command and holds no thread;
 * how long it may take in all is the login's time-out. */
#ifndef FTPOOL_WORKER_SESSION_TLS_H
#define FTPOOL_WORKER_SESSION_TLS_H

#include "worker/session.h"

/* For a session that begins with TLS. SESSION_CLOSE when memory is short. */
enum session_next session_tls_begin(struct session *session);

/* Is TLS offered where it came in? */
bool session_tls_is_offered(const struct session *session);

/* Turns a plain session to TLS, as stream_tls_begin; its handshake follows when it is served next.
 */
int session_tls_turn(struct session *session);

/* Goes on with the handshake that is under way. SESSION_PARK, be it done or not; SESSION_CLOSE. */
enum session_next session_tls_shake(struct session *session);

#endif
