/* What the path of a listing means: a file, a directory, or the names of a directory that fit a
 * pattern; and how names of it are told to a client that asked in that way. */
#ifndef FTPOOL_WORKER_FTP_LISTING_TARGET_H
#define FTPOOL_WORKER_FTP_LISTING_TARGET_H

#include "worker/ftp/listing.h"
#include "worker/ftp/listing_argument.h"

struct listing_target {
	struct store_file self;               /* what the path names, unless there is a pattern */
	bool only_self;                       /* a file, or -d */
	char pattern[VPATH_NAME_LONGEST + 1]; /* "": none */

	/* What stands before a name, as asked: "", "dir/", "./"; of only_self: all of it. */
	char base[VPATH_LONGEST + 2];
	size_t base_length;
	bool prefixed; /* names have it before them, other than in headings */
};

/* Resolves wish->path, seen from `from`; a pattern is only told, not tried. `path` becomes the
 * directory to list, or with only_self what to show. 0 or -errno, as listing_open says. */
int listing_target_find(struct listing_target *target, struct vpath *path,
	const struct store *store, enum listing_form form, const struct vpath *from,
	const struct listing_argument *wish);

#endif
