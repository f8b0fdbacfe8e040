/* An upload that loses nothing: bytes go to a partial beside the target, and when they are whole
 * the partial takes the target's name in one step. Readers see the old file or the new one, never
 * half of one; a lost connection or a killed process leaves the old file as it was.
 *
 * A *resumable* upload has one partial per target, locked by its writer; broken off, it stays, and
 * a later upload goes on from it. A *single* one is given up whole when it breaks off, and while
 * another writer has the target's partial it works in one of its own, so any number of them may run
 * for one name; the last to finish wins.
 */
#ifndef FTPOOL_WORKER_UPLOAD_H
#define FTPOOL_WORKER_UPLOAD_H

#include "common/config.h"
#include "common/digest.h"
#include "worker/partial.h"

enum upload_kind { UPLOAD_RESUMABLE, UPLOAD_SINGLE };

struct upload {
	struct store_place place;
	enum upload_kind kind;
	int descriptor;
	int64_t size;          /* of the partial: what came so far, over all attempts */
	int64_t kept;          /* bytes an earlier attempt left; cut to size at the first write */
	uint64_t largest;      /* limits.upload_size; 0: none */
	struct digest *digest; /* of those bytes; NULL for a single upload */
	char partial[PARTIAL_NAME];
};

/* Begins. `from` is where the client means to go on; the upload starts there or, if less has been
 * kept, at the end of what has: upload->size tells. 0 or -errno: -EBUSY when a resumable upload of
 * that name runs elsewhere, -EISDIR and -EEXIST when a directory or no regular file stands there.
 */
int upload_open(struct upload *upload, const struct store *store, const struct vpath *path,
	enum upload_kind kind, int64_t from, uint64_t largest);

/* Would so many bytes more fit? 0, -ENOSPC, -EFBIG. */
int upload_fits(const struct upload *upload, int64_t bytes);

/* Adds bytes. 0; -EFBIG over the limit; or -errno of write(2), -ENOSPC among them. */
int upload_write(struct upload *upload, const void *bytes, size_t length);

/* All came: makes it the file, durable as `sync` says. 0 or -errno, and then the partial is treated
 * as by upload_abandon. Ends the upload either way. `sum` (may be NULL) gets the SHA-256 of a
 * resumable one. */
int upload_commit(struct upload *upload, enum config_sync sync, char sum[DIGEST_TEXT]);

/* It broke off: keeps what a later one can resume, removes the rest. Ends the upload. */
void upload_abandon(struct upload *upload);

#endif
