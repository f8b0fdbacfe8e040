/* MODE Z (draft-preston-ftpext-deflate): a transfer as one zlib stream (RFC 1950). */
#ifndef FTPOOL_WORKER_FTP_ZMODE_H
#define FTPOOL_WORKER_FTP_ZMODE_H

#include <stddef.h>

enum { ZMODE_LEVEL_LOWEST = 1, ZMODE_LEVEL_HIGHEST = 9, ZMODE_LEVEL_STANDARD = 6 };

struct zmode;

/* Takes what came out. 0, or -errno, which ends the work and is returned. */
typedef int zmode_sink(void *context, const char *bytes, size_t length);

/* The caller's to free; NULL when memory is short. */
struct zmode *zmode_new_deflate(int level);
struct zmode *zmode_new_inflate(void);
void zmode_free(struct zmode *zmode);

/* Feeds bytes in; what comes out goes to the sink in pieces of at most 64 KiB (so a bomb grows only
 * where the sink lets it). 0; -EBADMSG for what is no zlib stream, or when bytes come behind its
 * end; -ENOMEM; or the sink's error. After an error there is nothing to do but to free it. */
int zmode_feed(
	struct zmode *zmode, const char *bytes, size_t length, zmode_sink *sink, void *context);

/* The end, once. Deflate: what is left goes to the sink. Inflate: -EBADMSG if the stream is not
 * whole; an upload of no bytes at all is whole. */
int zmode_end(struct zmode *zmode, zmode_sink *sink, void *context);

#endif
