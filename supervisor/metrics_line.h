/* The lines of OpenMetrics text that all families have. Private to the metrics rooms. */
#ifndef FTPOOL_SUPERVISOR_METRICS_LINE_H
#define FTPOOL_SUPERVISOR_METRICS_LINE_H

#include "common/board.h"

#include <stddef.h>
#include <stdio.h>

/* What a family is, before its samples: its name is ftpool_NAME; unit NULL: none. */
void metrics_family(
	FILE *out, const char *name, const char *type, const char *unit, const char *help);

/* A label's value as it stands between its quotes. */
void metrics_label_value(FILE *out, const char *value);

/* One of a worker's own numbers on the board, by its place in struct board_worker. */
static inline const _Atomic uint32_t *metrics_gauge_of(
	const struct board_worker *worker, size_t offset)
{
	return (const _Atomic uint32_t *)(const void *)((const char *)worker + offset);
}

#endif
