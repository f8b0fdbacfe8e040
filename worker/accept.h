/* Accepting: all workers wait on the same listening sockets (EPOLLEXCLUSIVE: one wakes up per
 * connection) and take each socket out of the set and put it back after every accept, which sends a
 * worker to the end of the queue: without that, one worker gets them all.
 *
 * A worker whose rows are nearly all in use leaves the listeners to those that have more, and one
 * whose rows are all in use to any that has one; only when no worker has any is a client refused.
 */
#ifndef FTPOOL_WORKER_ACCEPT_H
#define FTPOOL_WORKER_ACCEPT_H

#include "worker/engine.h"
#include "worker/protocol.h"

struct acceptor;

/* Prepares to accept on the config's listeners; `sockets` are in their order, `protocol_named`
 * knows what is spoken. NULL: out of memory. */
struct acceptor *acceptor_new(struct engine *engine, const int *sockets,
	const struct protocol *(*protocol_named)(uint32_t name));

/* Begins to accept. 0 or -errno. */
int acceptor_start(struct acceptor *acceptor);

/* The monitor's part: leaves listeners for want of rows, and puts those back that were left. */
void acceptor_tick(struct acceptor *acceptor);

/* Some listener waits to be put back, or rows are scarce: tick soon. */
bool acceptor_wants_ticks(struct acceptor *acceptor);

/* Closes this worker's side of the listening sockets, for good. From the monitor thread. */
void acceptor_stop(struct acceptor *acceptor);

/* The same for a worker whose listeners stay open with others: in its own time (acceptor_tick), for
 * the kernel may have woken this worker alone for a connection that still waits. */
void acceptor_leave(struct acceptor *acceptor);

/* Is a listener still open, or a connection on its way from there to its session? Once false, it
 * stays false. */
bool acceptor_is_taking(const struct acceptor *acceptor);

#endif
