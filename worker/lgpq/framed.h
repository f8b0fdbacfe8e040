/* LGPQ's framed mode: a request is a line, a reply begins with one. */
#ifndef FTPOOL_WORKER_LGPQ_FRAMED_H
#define FTPOOL_WORKER_LGPQ_FRAMED_H

#include "worker/session.h"

/* Answers every request that is whole; as serve of struct protocol. */
enum session_next framed_serve(struct session *session);

#endif
