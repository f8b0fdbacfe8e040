/* Who follows sessions: `ftpctl trace`. The master keeps a copy of each one's socket, to hand it to
 * every worker, and to those that are born meanwhile. It writes one thing there itself: that the
 * session he follows has died with its worker. */
#ifndef FTPOOL_SUPERVISOR_TRACES_H
#define FTPOOL_SUPERVISOR_TRACES_H

#include "common/target.h"
#include "supervisor/pool.h"

enum { TRACES = 8, TRACE_TARGET = 256 };

struct trace {
	int socket; /* -1: none */
	char target[TRACE_TARGET];
	struct target read; /* the same */
	pid_t *told;        /* [slots]: the process in that slot that has it */
	uint32_t slots;
};

struct traces {
	struct trace traces[TRACES];
};

void traces_init(struct traces *traces);
void traces_close(struct traces *traces);

/* Another one, with a copy of his socket. 0, -EBUSY when there are too many already, -EINVAL when
 * the target is none, -ENOENT when it is a session that is not there, or -errno. */
int traces_add(struct traces *traces, const struct pool *pool, const char *target, int socket);

/* Sees to it that every worker that lives has all of them, and that those who have gone are
 * forgotten. Idempotent. */
void traces_tend(struct traces *traces, const struct pool *pool);

#endif
