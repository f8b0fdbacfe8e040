/* What a session is doing: for its protocol to tell, and for all to see on the board. */
#ifndef FTPOOL_WORKER_SESSION_ACTIVITY_H
#define FTPOOL_WORKER_SESSION_ACTIVITY_H

#include "worker/session.h"

/* Shows the command that runs now, and counts it as a request. path may be NULL; it is a client's
 * bytes, and stays as it is until session_idle, which ends the command. */
void session_command(struct session *session, const char *command, const char *path);
void session_idle(struct session *session);

/* Becomes a session of that user (a client's bytes, which stay as they are) for all to see, if he
 * has fewer than `most` of them over all workers (0: any number may be). 0, or -EUSERS: too many,
 * and nobody has logged in.
 */
int session_log_in(struct session *session, const char *name, uint32_t most);

/* Nobody has logged in any more. Idempotent. */
void session_log_out(struct session *session);

/* How many bytes the present command is going to move. */
void session_expect(struct session *session, int64_t bytes);

/* For work that asks before each piece of it whether to stop: -ECONNABORTED once the session (the
 * context) was told to close, else 0. */
int session_is_cut(void *session);

/* Notes how long the present command has taken so far; the whole of it session_idle notes itself.
 */
void session_latency(const struct session *session, enum board_latency latency);

/* Notes how long it took until the first byte was moved (clock_us); 0: none was. */
void session_first_byte(const struct session *session, int64_t moved_us);

/* Counts the command as a transfer for as long as it runs. */
void session_transfer_begin(struct session *session);
void session_transfer_end(struct session *session);

/* A number for logs and people: the worker's slot and the session's row, "3.17". */
enum { SESSION_NAME = 24 };
char *session_name(const struct session *session, char name[SESSION_NAME]);

#endif
