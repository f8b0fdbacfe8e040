/* The part of the metrics that is told listener by listener: sessions, logins, replies, transfers,
 * bytes, latencies as histograms, and the queue of connections that wait to be accepted. */
#ifndef FTPOOL_SUPERVISOR_METRICS_LISTENERS_H
#define FTPOOL_SUPERVISOR_METRICS_LISTENERS_H

#include <stdio.h>

struct master;

void metrics_write_listeners(FILE *out, const struct master *master);

#endif
