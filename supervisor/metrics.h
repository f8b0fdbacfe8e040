/* What is counted and measured, as OpenMetrics text (version 1.0): for `ftpctl metrics`, and for a
 * Prometheus that scrapes. The names and labels are described in ftpctl(8), and the dashboard
 * in etc/grafana is held against them (tests/e2e/test_metrics.py). Counters of workers that died
 * stay counted, but for those of a worker itself, which begin anew with each process. */
#ifndef FTPOOL_SUPERVISOR_METRICS_H
#define FTPOOL_SUPERVISOR_METRICS_H

#include <jansson.h>

struct master;

/* The text, from malloc; NULL when memory is short. */
char *metrics_text(const struct master *master);

/* For the status pipe: {"metrics": text}. */
json_t *metrics_report(struct master *master);

#endif
