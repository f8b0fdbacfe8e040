#include "worker/ftp/zmode.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <zlib.h>

enum { PIECE = 64 * 1024 };

struct zmode {
	z_stream stream;
	bool inflates;
	bool begun; /* bytes have come in */
	bool ended; /* inflate: the stream is whole */
	unsigned char piece[PIECE];
};

static struct zmode *zmode_new(bool inflates)
{
	struct zmode *zmode = malloc(sizeof(*zmode));

	if (!zmode)
		return NULL;
	zmode->stream = (z_stream){.next_in = NULL};
	zmode->inflates = inflates;
	zmode->begun = zmode->ended = false;
	return zmode;
}

struct zmode *zmode_new_deflate(int level)
{
	struct zmode *zmode = zmode_new(false);

	assert(level >= ZMODE_LEVEL_LOWEST && level <= ZMODE_LEVEL_HIGHEST);
	if (zmode && deflateInit(&zmode->stream, level) != Z_OK) {
		free(zmode);
		return NULL;
	}
	return zmode;
}

struct zmode *zmode_new_inflate(void)
{
	struct zmode *zmode = zmode_new(true);

	if (zmode && inflateInit(&zmode->stream) != Z_OK) {
		free(zmode);
		return NULL;
	}
	return zmode;
}

void zmode_free(struct zmode *zmode)
{
	if (!zmode)
		return;
	if (zmode->inflates)
		inflateEnd(&zmode->stream);
	else
		deflateEnd(&zmode->stream);
	free(zmode);
}

/* zlib's errors as ours. Z_BUF_ERROR: nothing more can be done for now. */
static int error_of(int result)
{
	switch (result) {
	case Z_OK:
	case Z_STREAM_END:
	case Z_BUF_ERROR: return 0;
	case Z_MEM_ERROR: return -ENOMEM;
	default: return -EBADMSG; /* a dictionary of the client's own (Z_NEED_DICT), too */
	}
}

/* Works on what is in until nothing more comes out. */
static int turn(struct zmode *zmode, int flush, zmode_sink *sink, void *context)
{
	z_stream *stream = &zmode->stream;
	int result, error;

	do {
		size_t length;

		stream->next_out = zmode->piece;
		stream->avail_out = PIECE;
		result = zmode->inflates ? inflate(stream, flush) : deflate(stream, flush);
		error = error_of(result);
		if (error < 0)
			return error;
		length = PIECE - stream->avail_out;
		error = length > 0 ? sink(context, (const char *)zmode->piece, length) : 0;
		if (error != 0)
			return error;
	} while (stream->avail_out == 0 && result != Z_STREAM_END);
	zmode->ended = result == Z_STREAM_END;
	return 0;
}

int zmode_feed(
	struct zmode *zmode, const char *bytes, size_t length, zmode_sink *sink, void *context)
{
	while (length > 0) {
		unsigned int part = length < UINT_MAX ? (unsigned int)length : UINT_MAX;
		int error;

		if (zmode->ended)
			return -EBADMSG;
		zmode->begun = true;
		/* zlib writes nothing there; its older interface has no const. */
		zmode->stream.next_in = (unsigned char *)bytes;
		zmode->stream.avail_in = part;
		error = turn(zmode, Z_NO_FLUSH, sink, context);
		if (error != 0)
			return error;
		if (zmode->stream.avail_in > 0)
			return -EBADMSG;
		bytes += part;
		length -= part;
	}
	return 0;
}

int zmode_end(struct zmode *zmode, zmode_sink *sink, void *context)
{
	if (zmode->inflates)
		return zmode->ended || !zmode->begun ? 0 : -EBADMSG;
	zmode->stream.avail_in = 0;
	return turn(zmode, Z_FINISH, sink, context);
}
