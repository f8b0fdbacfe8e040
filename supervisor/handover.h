/* What crosses from one program to the next when the master becomes another binary (upgrade): a
 * text in memory without a name, which says under which numbers the descriptors stay open:
 * listening sockets, the status socket, what workers share, the lines to workers and
 * authenticators. Things are told by name, so that another version passes over what it does not
 * know; only a state of another FORMAT is refused. To hand another memory over, add a row to the
 * table in handover.c, and take it in master_adopt.c.
 *
 * Until the new program has workers of its own it can go back: it keeps the descriptors as they
 * came, and works on copies. The guardian (supervisor/handover_guard) has them too. */
#ifndef FTPOOL_SUPERVISOR_HANDOVER_H
#define FTPOOL_SUPERVISOR_HANDOVER_H

#include "common/complaints.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

struct master;
struct pool;

struct handover {
	json_t *state;
	int old;          /* the program that handed over, as a descriptor; -1: it went back */
	const char *back; /* why it has come back to this program; NULL: it has not */
	int guardian;     /* who waits for its end; -1: nobody (supervisor/handover_guard) */
	bool on_trial;    /* this is a child that shall only show that it can (supervisor/trial) */
};

/* Writes all of it. The memory's descriptor, the caller's to close, or -errno. */
int handover_write(const struct master *master);

/* Closes it, with what was opened for it alone. */
void handover_discard(int memory);

/* The same state for a program on trial: another memory, the caller's to close, or -errno. */
int handover_for_trial(int memory);

/* Becomes the program `path`, which gets the state; comes back with -errno if that cannot be. */
int handover_leap(int memory, const char *path, char **argv);

/* Is there a state to be taken, and of this format? 1 and the handover; 0: this is a start like any
 * other; -EPROTO after complaining. */
int handover_receive(struct handover *handover, struct complaints *complaints);

/* A copy of the descriptor of that name ("memories.bans"), which is closed on exec. -ENOENT: there
 * is none. */
int handover_take(const struct handover *handover, const json_t *object, const char *name);

/* The same of a descriptor in a list. */
int handover_copy(const json_t *number);

/* Goes back to the program that handed over, with its command line and what it handed over, less
 * the processes that are gone; pool NULL: none is. Comes back only if that fails, which leaves
 * nothing to be done. */
void handover_return(struct handover *handover, const struct pool *pool, const char *why);

/* There is no way back any more: closes what was kept for it, and has the guardian leave.
 * Idempotent. */
void handover_close(struct handover *handover);

/* What a program that has passed its trial says on standard output. */
extern const char handover_promise[];

#endif
