/* Lines gathered into pieces for the sink: a small one first, so that the client sees something at
 * once, then large ones. Where the disk gives names slowly, no line is held back for long. */
#ifndef FTPOOL_WORKER_FTP_LISTING_PIECES_H
#define FTPOOL_WORKER_FTP_LISTING_PIECES_H

#include "worker/ftp/facts.h"
#include "worker/ftp/listing.h"

enum {
	/* Facts, a path as asked, a slash, a name, CR LF; NUL on the way. */
	LISTING_PIECES_LINE = FACTS_TEXT + VPATH_LONGEST + 1 + VPATH_NAME_LONGEST + 3
};

struct listing_pieces {
	struct listing_sink *sink;
	char *buffer;
	size_t filled, enough;
	int64_t due_ms; /* when what is there goes out, however little */
	bool begun;     /* a line was put in */
};

/* 0 or -ENOMEM. */
int listing_pieces_open(struct listing_pieces *pieces, struct listing_sink *sink);
void listing_pieces_close(struct listing_pieces *pieces);

/* Where the next line may be written, LISTING_PIECES_LINE bytes. */
static inline char *listing_pieces_room(const struct listing_pieces *pieces)
{
	return pieces->buffer + pieces->filled;
}

/* So many bytes were written there. 0, or the sink's -errno. */
int listing_pieces_take(struct listing_pieces *pieces, size_t length);

/* All that is left goes out. 0, or the sink's -errno. */
int listing_pieces_flush(struct listing_pieces *pieces);

#endif
