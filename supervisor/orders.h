/* What the operator orders by the status pipe, but for the end of the service: each answers with
 * {"done": …}, or {"error": …} when nothing was done. No worker is waited for. */
#ifndef FTPOOL_SUPERVISOR_ORDERS_H
#define FTPOOL_SUPERVISOR_ORDERS_H

#include <jansson.h>

struct master;

/* "TARGET", or "TARGET reason for the client": ends the sessions that common/target reads there.
 * {"done": "kicked", "sessions": how many were told, "silent": how many more are in workers that
 * show no sign of life, and end with them}. */
json_t *order_kick(struct master *master, const char *argument);

/* "TARGET": what its sessions say goes to the asker's socket from now on, a JSON object a line.
 * {"tracing": …} is the first. */
json_t *order_trace(struct master *master, const char *argument);
/* "4": so many workers from now on, until a reload. */
json_t *order_workers(struct master *master, const char *argument);

/* "3": the worker in that slot, or without an argument all, take no more clients, end sessions that
 * idle, give transfers stop_timeout, and leave; others take their places. */
json_t *order_drain(struct master *master);
json_t *order_drain_one(struct master *master, const char *argument);

/* "debug" …: the level of the log, until it is set otherwise. */
json_t *order_log_level(struct master *master, const char *argument);

/* Opens the log's file again. */
json_t *order_reopen(struct master *master);

#endif
