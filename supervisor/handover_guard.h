/* The guardian of a leap: a child that holds all that is handed over, and waits. When the new
 * program dies before it has workers of its own, or shows no life for upgrade_timeout, the guardian
 * ends what is left of it and becomes the program of before in its place. That has another process
 * id then, and the workers, who have served all the while, are not its children.
 *
 *     the leap ─▶ nothing heard ─▶ the new program has begun ─▶ it is done: the guardian leaves
 *                      └──────────────────┴──▶ it died, or is silent: the guardian takes over */
#ifndef FTPOOL_SUPERVISOR_HANDOVER_GUARD_H
#define FTPOOL_SUPERVISOR_HANDOVER_GUARD_H

#include "supervisor/handover.h"

#include <sys/types.h>

enum handover_word {
	HANDOVER_GUARDED, /* the guardian's: it is there */
	HANDOVER_BEGUN,   /* the new program's: it has taken over, and starts workers */
	HANDOVER_BORN,    /* it has this child now, which must not outlive it */
	HANDOVER_DONE     /* it serves, or has gone back: no guardian is needed any more */
};

/* ends[0] is the new program's, ends[1] the guardian's. 0 or -errno. */
int handover_guard_pair(int ends[2]);

/* Forks the guardian, with a state that has ends[0] in it, and waits a moment for it to be there.
 * Closes ends[1]. `path`: of the new program. 0 or -errno: then there is none. */
int handover_guard_begin(int memory, const int ends[2], const char *path, unsigned int seconds);

/* To the guardian, if there is one. */
void handover_guard_tell(const struct handover *handover, enum handover_word word, pid_t pid);

#endif
