/* What a worker takes from its master while it lives: where and how much to log, certificates, a
 * config. For the monitor thread. What is no good is told in the log, and the old goes on. */
#ifndef FTPOOL_WORKER_RENEWAL_H
#define FTPOOL_WORKER_RENEWAL_H

#include "worker/engine.h"

/* The descriptors stay the caller's; -1: none came. */
void renewal_take_log(int descriptor);
void renewal_take_xferlog(const struct engine *engine, int descriptor);
void renewal_take_level(const char *name);
void renewal_take_certificates(struct engine *engine, int descriptor);
void renewal_take_config(struct engine *engine, int descriptor);

#endif
