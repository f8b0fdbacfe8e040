/* Lines of a listing in an order: they are held in memory until all are there. How much memory that
 * may be is bounded; what does not fit any more is for the caller to pass on unsorted. */
#ifndef FTPOOL_WORKER_FTP_LISTING_ORDER_H
#define FTPOOL_WORKER_FTP_LISTING_ORDER_H

#include "worker/ftp/listing_argument.h"

#include <stddef.h>
#include <stdint.h>

struct listing_order;

/* The caller's to free; NULL when memory is short. `most_bytes`: of memory, all in all. */
struct listing_order *listing_order_new(enum listing_sort sort, bool reverse, size_t most_bytes);
void listing_order_free(struct listing_order *order);

struct listing_order_line {
	int64_t key; /* of LISTING_BY_TIME and LISTING_BY_SIZE: the greatest first */
	const char *bytes;
	size_t length;
	size_t name, name_length; /* where in it the name is */
};

/* Takes a copy of the line. 0; -ENOBUFS when it does not fit, or -ENOMEM. */
int listing_order_add(struct listing_order *order, const struct listing_order_line *line);

/* Puts what was added in order. */
void listing_order_sort(struct listing_order *order);

/* The next line in that order; false when there is none left. Its bytes stay until the order is
 * freed. */
bool listing_order_next(struct listing_order *order, struct listing_order_line *line);

#endif
