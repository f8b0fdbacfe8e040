/* Listings: LIST, NLST, MLSD and STAT of a path. One pass over each directory with constant memory,
 * lines going out as they are made, however many there are; only an order that was asked for (-t,
 * -S, -r) needs the names in memory first. */
#ifndef FTPOOL_WORKER_FTP_LISTING_H
#define FTPOOL_WORKER_FTP_LISTING_H

#include "worker/store.h"

enum listing_form {
	LISTING_LONG,  /* as `ls -l` writes it, in UTC (LIST, STAT) */
	LISTING_NAMES, /* names alone (NLST) */
	LISTING_FACTS  /* RFC 3659 7 (MLSD) */
};

/* Where lines go; each ends in CR LF, and a piece may hold many. 0, or -errno to stop. */
struct listing_sink {
	int (*write)(struct listing_sink *sink, const char *bytes, size_t length);
};

struct listing;

/* Reads the argument and opens what is to be listed, so that an error is known before a data
 * connection is. `argument`: for LIST and NLST options (-a -l -R -t -S -r -d -1 and others, which
 * are passed over) and then a path, which may be a pattern in its last component; for MLSD a path
 * alone.
 * "": the directory `from`. `facts`: the set of facts for LISTING_FACTS. 0 and *listing, the
 * caller's to close; or -errno of the store (-ENOENT, -EPERM, -ENOTDIR for MLSD of a file …). */
int listing_open(struct listing **listing, const struct store *store, enum listing_form form,
	const struct vpath *from, const char *argument, uint32_t facts);

/* Writes it all. 0 when it is whole; -errno of the sink or of the disk when it is not. */
int listing_run(struct listing *listing, struct listing_sink *sink);

/* How many names were left out since they cannot be told on a line (they hold CR or LF). */
uint64_t listing_left_out(const struct listing *listing);

void listing_close(struct listing *listing);

#endif
