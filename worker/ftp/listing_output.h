/* The lines of a listing, in its form and its order, on their way to the sink. */
#ifndef FTPOOL_WORKER_FTP_LISTING_OUTPUT_H
#define FTPOOL_WORKER_FTP_LISTING_OUTPUT_H

#include "worker/ftp/listing_order.h"
#include "worker/ftp/listing_pieces.h"

struct listing_output {
	/* Set by whoever opens it. */
	enum listing_form form;
	enum listing_sort sort;
	bool reverse;
	uint32_t facts; /* as facts_write takes them */
	int64_t now;    /* as listing_line_write takes it */

	struct listing_pieces pieces;
	struct listing_order *order; /* while lines are gathered to be sorted */
};

/* 0 or -ENOMEM. */
int listing_output_open(struct listing_output *output, struct listing_sink *sink);
void listing_output_close(struct listing_output *output);

/* A heading as `ls -R` has it, "./dir:", after an empty line if it is not the first. All here:
 * 0, or the sink's -errno. */
int listing_output_heading(struct listing_output *output, const char *base, size_t length);

/* The lines that follow are to be in order among themselves. */
void listing_output_gather(struct listing_output *output);

/* A line for the name, with the prefix before it. file may be without facts for a form and an order
 * that need none. */
int listing_output_line(struct listing_output *output, const char *prefix, const char *name,
	const struct store_file *file, enum facts_place place);

/* What was gathered goes on its way. */
int listing_output_gathered(struct listing_output *output);

/* Everything goes out. */
int listing_output_end(struct listing_output *output);

#endif
