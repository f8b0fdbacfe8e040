#include "worker/ftp/listing_pieces.h"

#include "common/clock.h"

#include <errno.h>
#include <stdlib.h>

enum { FIRST_PIECE = 4 * 1024, PIECE = 64 * 1024, HELD_BACK_MS = 200 };

int listing_pieces_open(struct listing_pieces *pieces, struct listing_sink *sink)
{
	*pieces = (struct listing_pieces){.sink = sink,
		.buffer = malloc(PIECE + LISTING_PIECES_LINE),
		.enough = FIRST_PIECE,
		.due_ms = clock_coarse_ms() + HELD_BACK_MS};
	return pieces->buffer ? 0 : -ENOMEM;
}

void listing_pieces_close(struct listing_pieces *pieces)
{
	free(pieces->buffer);
	pieces->buffer = NULL;
}

int listing_pieces_flush(struct listing_pieces *pieces)
{
	int error = 0;

	if (pieces->filled > 0)
		error = pieces->sink->write(pieces->sink, pieces->buffer, pieces->filled);
	pieces->filled = 0;
	pieces->enough = PIECE;
	pieces->due_ms = clock_coarse_ms() + HELD_BACK_MS;
	return error;
}

int listing_pieces_take(struct listing_pieces *pieces, size_t length)
{
	pieces->filled += length;
	pieces->begun = true;
	if (pieces->filled < pieces->enough && clock_coarse_ms() < pieces->due_ms)
		return 0;
	return listing_pieces_flush(pieces);
}
