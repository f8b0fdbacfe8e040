/* Listings: LIST, NLST, MLSD and STAT of a path. One pass over each directory with constant memory,
 * lines going out as they are made, however many there are; only an order that was asked for (-t,
 * -S, -r) needs the lines in memory first.
 *
 * A link is shown as what it leads to, in every form: a client that sees a link takes it for a
 * file, or for nothing, and most of them cannot ask what it leads to. "." and ".." are never
 * shown (-a is as -A), but for MLSD's cdir and pdir, whose type tells them apart: a client that
 * walks a tree would walk in circles. There is no "total" line, since it would need a pass of its
 * own before the first byte, and all that clients do with it is to skip it. */
#ifndef FTPOOL_WORKER_FTP_LISTING_H
#define FTPOOL_WORKER_FTP_LISTING_H

#include "worker/store.h"

enum listing_form {
	LISTING_LONG,  /* as `ls -l` writes it, in UTC (LIST, STAT) */
	LISTING_NAMES, /* names alone (NLST) */
	LISTING_FACTS  /* RFC 3659 7 (MLSD) */
};

enum {
	/* Directories below the first that -R goes down; each is an open directory meanwhile. */
	LISTING_DEEPEST = 32,
	/* Memory for lines in order, enough for about 150,000. The whole listing matters more than
	 * its order: where a directory has more, what was gathered goes out in order and what
	 * follows as it comes. */
	LISTING_ORDERED_BYTES = 16 * 1024 * 1024
};

/* Where lines go; each ends in CR LF, and a piece may hold many. 0, or -errno to stop. */
struct listing_sink {
	int (*write)(struct listing_sink *sink, const char *bytes, size_t length);
};

struct listing;

/* Reads the argument and opens what is to be listed, so that an error is known before a data
 * connection is. `argument`: for LIST and NLST options and a path (listing_argument.h), for MLSD a
 * path alone; "": the directory `from`. `facts`: the set of facts for LISTING_FACTS. `store` is
 * used until the listing is closed, the rest not. 0 and *listing, the caller's to close; or -errno:
 * the store's; -ENOTDIR for MLSD of a file; -EINVAL for LIST and NLST of a path with CR or LF in
 * it.
 *
 * - The path of a file lists that file, by the path as asked.
 * - The last component may be a pattern (wildcard.h), if nothing bears it as its name: the names
 *   that fit are listed, directories like files, by the path as asked; -ENOENT if none fits.
 * - NLST of a directory gives each name with the path as asked before it, which a client can RETR
 *   as it stands (RFC 959 4.1.3), unless that is "." or -R gives headings ("./dir:"). NLST -l is as
 *   LIST. */
int listing_open(struct listing **listing, const struct store *store, enum listing_form form,
	const struct vpath *from, const char *argument, uint32_t facts);

/* Is it one line about a file? */
bool listing_is_of_file(const struct listing *listing);

/* Writes it all, once. 0 when it is whole; when it is not, -errno of the sink or of the disk, or
 * -ELOOP when all is written but what lies too deep for -R. What vanishes meanwhile, and what the
 * client could not reach, is passed over, and with -R directories that may not be read. What the
 * disk fails at is left out, and the -errno of that comes after all the rest is written. */
int listing_run(struct listing *listing, struct listing_sink *sink);

/* How many names were left out since they cannot be told on a line (they hold CR or LF). */
uint64_t listing_left_out(const struct listing *listing);

void listing_close(struct listing *listing);

#endif
