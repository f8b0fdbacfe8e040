/* The argument of LIST and NLST: options as ls(1) has them, and a path. RFC 959 knows the path
 * alone, but clients send "-la" and the like, so a first word that begins with - is options. Pure.
 */
#ifndef FTPOOL_WORKER_FTP_LISTING_ARGUMENT_H
#define FTPOOL_WORKER_FTP_LISTING_ARGUMENT_H

#include <stdbool.h>

/* Within one order, what is equal stands in the order of the names' bytes. */
enum listing_sort {
	LISTING_UNSORTED,
	LISTING_BY_NAME,
	LISTING_BY_TIME, /* the newest first */
	LISTING_BY_SIZE  /* the largest first */
};

struct listing_argument {
	bool all;       /* -a, -A: names with a leading dot, too */
	bool recursive; /* -R */
	bool itself;    /* -d: a directory itself in place of what is in it */
	bool lines;     /* -l: long lines */
	bool reverse;   /* -r */
	enum listing_sort sort;
	const char *path; /* what comes behind the options, blanks within; "" for none */
};

/* Reads words of options up to the first that is none, or up to and with "--"; letters and long
 * options that are not known are passed over, -1 among them: there is one name a line anyway. Of -t
 * and -S the last counts, as with ls. argument->path points into text. */
void listing_argument_read(struct listing_argument *argument, const char *text);

#endif
