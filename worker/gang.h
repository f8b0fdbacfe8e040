/* The gang: a few threads over one epoll set (leader/followers). Each waits for one event and works
 * it off in plain sequential code; whoever has to wait for a client or for storage steps out
 * meanwhile, and another thread is started only if too few are left. Surplus threads end by and by,
 * so a burst of transfers neither starts a thread each nor leaves a crowd behind. */
#ifndef FTPOOL_WORKER_GANG_H
#define FTPOOL_WORKER_GANG_H

#include "common/board.h"

#include <stdint.h>

struct gang;

/* Something in the epoll set. `ready` runs on a thread of the gang with the events of
 * epoll_wait(2). */
struct watch {
	void (*ready)(struct watch *watch, uint32_t events);
};

/* Starts the first threads. `row` is where the gang shows its numbers. 0 or -errno. The gang lives
 * as long as the process. */
int gang_start(struct gang **out, uint32_t max_threads, struct board_worker *row);

/* Puts a descriptor into the set, changes what it waits for, takes it out. EPOLLONESHOT watches
 * sleep after each event until gang_rearm. An EPOLLEXCLUSIVE watch cannot be rearmed, only removed
 * and added again (epoll_ctl(2)). 0 or -errno. */
int gang_add(struct gang *gang, int descriptor, uint32_t events, struct watch *watch);
int gang_rearm(struct gang *gang, int descriptor, uint32_t events, struct watch *watch);
void gang_remove(struct gang *gang, int descriptor);

/* The calling thread steps out: what follows may take long. May be nested. From a thread that is
 * none of the gang's, or with gang NULL, these do nothing. */
void gang_leave(struct gang *gang);
void gang_rejoin(struct gang *gang);

/* So many threads have stepped out, the caller's among them, that hardly one more may be started:
 * who would stay away for as long as a client likes had better not, lest nobody is left for all
 * others. */
bool gang_is_spread_thin(const struct gang *gang);

/* The monitor's part, called about each 100 ms while gang_wants_ticks, and each second: starts a
 * thread when nobody has been waiting since the last tick, and lets surplus ones end. */
void gang_tick(struct gang *gang);
bool gang_wants_ticks(struct gang *gang);

/* Asks the monitor for ticks now. From any thread. */
void gang_call_monitor(struct gang *gang);

/* A descriptor that becomes readable when ticks are wanted (eventfd(2)); gang_tick empties it. */
int gang_alarm(struct gang *gang);

#endif
