/* What is, as JSON: for the questions of the status pipe. The caller owns what is returned; NULL
 * when memory is short. */
#ifndef FTPOOL_SUPERVISOR_REPORT_H
#define FTPOOL_SUPERVISOR_REPORT_H

#include <jansson.h>

struct master;

/* The whole service at a glance. */
json_t *report_status(struct master *master);

/* {"workers": […]}: one object a slot. */
json_t *report_workers(struct master *master);

/* Where the journal of uploads is. */
json_t *report_events(struct master *master);

/* {"sessions": […]}: one object a live session. Paths are UTF-8; bytes of a name that are none, and
 * control characters, are told as \xHH. */
json_t *report_sessions(struct master *master);

/* The session of that name ("3.17") alone: an object as in report_sessions, with its worker's pid
 * and silent_seconds; {"error": …} when there is none. */
json_t *report_session(struct master *master, const char *name);

#endif
