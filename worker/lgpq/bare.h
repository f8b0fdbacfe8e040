/* LGPQ's bare mode, for the old programs: a request is what one send carried, replies are told
 * apart by pauses. */
#ifndef FTPOOL_WORKER_LGPQ_BARE_H
#define FTPOOL_WORKER_LGPQ_BARE_H

#include "worker/session.h"

/* Answers what has come; as serve of struct protocol. */
enum session_next bare_serve(struct session *session);

#endif
