/* Who follows sessions live: `ftpctl trace`. Each has a socket of his own, handed on by the master,
 * to which the threads write the lines as they are said: one JSON object a line. Nobody waits for
 * him: what he has no room for is left out, and he is told how much it was. */
#ifndef FTPOOL_WORKER_TRACE_H
#define FTPOOL_WORKER_TRACE_H

#include "worker/engine.h"
#include "worker/transcript.h"

struct traces;

/* NULL: out of memory. */
struct traces *traces_new(void);

/* Takes over a descriptor, for whom `target` (common/target) says; first he gets what the session
 * has said already, if it is one. When there are too many already it is closed. For the monitor
 * thread. */
void trace_begin(struct engine *engine, const char *target, int descriptor);

/* Forgets those who have gone. For the monitor thread, now and then. */
void trace_tend(struct engine *engine);

/* Is there anybody at all? */
bool trace_is_wanted(const struct engine *engine);

/* The session ends, and so do the traces of it alone. For the session's owner. */
void trace_end(const struct session *session);

/* Tells a line of the session to those who follow it. For the session's owner. */
void trace_tell(
	const struct session *session, enum transcript_side side, const char *line, size_t length);

#endif
