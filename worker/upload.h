/* An upload that loses nothing: bytes go to a partial beside the target, and when they are whole
 * the partial takes the target's name in one step. Readers see the old file or the new one, never
 * half of one; a lost connection or a killed process leaves the old file as it was.
 *
 * Of three kinds. A *resumable* one (framed LGPQ) has one partial per target, locked by its writer;
 * broken off, it stays, and a later upload goes on from it. A *single* one (bare LGPQ, copies) is
 * given up whole when it breaks off, and while another writer has the target's partial it works in
 * one of its own, so any number of them may run for one name; the last to finish wins. One of *FTP*
 * is the one or the other as need be: its partial stays for REST and APPE to go on from, unless
 * another writer had it, or a file stands there, which SIZE and REST are about then.
 *
 *     upload_open    how an upload begins
 *     upload         how it goes on and ends
 *     upload_target  what stands where it goes
 *
 * Quotas: the partial counts from the first byte on. Where it is to take the place of a file, so
 * many bytes more may be there until it does, and only then.
 *
 * Rights: RIGHT_put; RIGHT_overwrite for a file that is there, else -EEXIST, when it begins and
 * again when it ends; RIGHT_resume to begin anywhere but at 0; RIGHT_append, which is enough, to
 * add to a file. */
#ifndef FTPOOL_WORKER_UPLOAD_H
#define FTPOOL_WORKER_UPLOAD_H

#include "common/config.h"
#include "common/digest.h"
#include "worker/partial.h"

#include <stdatomic.h>

enum upload_kind { UPLOAD_RESUMABLE, UPLOAD_SINGLE, UPLOAD_FTP };

enum { UPLOAD_APPEND = -1 };

struct session;

struct upload_wish {
	const struct store *store;
	const struct vpath *path;
	const struct session *session; /* whose command it is: told of (events); NULL: nobody's */
	enum upload_kind kind;
	int64_t from; /* where the client means to go on; FTP: or UPLOAD_APPEND */
	bool exact;   /* under that name or not at all, in a drop box too */
	/* Of copy_bytes, for the copy that it may have to begin with. NULL: nothing stops that. */
	int (*stop)(void *context);
	void *context;
};

struct upload {
	struct store_place place;
	const struct session *session;
	enum upload_kind kind;
	bool unique;         /* never in place of anything */
	bool stood;          /* something was at the target when it began */
	bool all_or_nothing; /* nobody could go on with its partial */
	uint64_t base_inode; /* the file whose copy it begins with; 0: none */
	int descriptor;
	int64_t size;          /* of the partial: what came so far, over all attempts */
	int64_t kept;          /* bytes an earlier attempt left; cut to size at the first write */
	struct quota *limits;  /* of the account, wherever the place is */
	int64_t counted;       /* of the partial, for the quota */
	bool refused;          /* by a limit: to go on with it would be, too */
	struct digest *digest; /* of those bytes; only of a resumable upload */
	char partial[PARTIAL_NAME];
	char sum[DIGEST_TEXT]; /* at the end; "": there is no digest */
};

/* Begins; upload->size tells where. A resumable one begins at `from` or, if less has been kept, at
 * the end of what has.
 *
 * One of FTP with `from` > 0 goes on in the partial when no file stands at the target; else it
 * begins with a copy of the file's first bytes, and the file stays as it is until the commit.
 * -ERANGE when there are fewer bytes than `from`; what stop said. UPLOAD_APPEND: behind the file,
 * else behind the partial, else at 0.
 *
 * In a drop box (RIGHT_put without RIGHT_list, RIGHT_get and RIGHT_overwrite) nobody can know which
 * names are taken: one that begins at 0 gets a name of its own there, as from upload_open_unique;
 * upload_other_name tells. What breaks off is of use only to who has RIGHT_resume, else it goes.
 *
 * 0 or -errno: -EPERM, and -EEXIST without the right to overwrite; -EBUSY when another writer has
 * the partial that is needed; -EISDIR; -EEXIST when something that is no file stands there. */
int upload_open(struct upload *upload, const struct upload_wish *wish);

/* The name that it gets instead of the path's; NULL: it gets that. Until the upload is gone. */
const char *upload_other_name(const struct upload *upload, const struct vpath *path);

/* The path that it will be: path, or *made. */
const struct vpath *upload_path(
	const struct upload *upload, const struct vpath *path, struct vpath *made);

/* The same, from 0, for a name that nothing has (STOU): the wished one or, as long as something has
 * that, NAME.1, NAME.2 … *made is the path it will be. Nobody else is given that name meanwhile;
 * who puts a file there all the same makes the commit fail with -EEXIST. -ENAMETOOLONG when there
 * is no room for a number. */
int upload_open_unique(struct upload *upload, const struct upload_wish *wish, struct vpath *made);

/* Would so many bytes more fit? 0, -ENOSPC, -EFBIG, -EDQUOT. */
int upload_fits(const struct upload *upload, int64_t bytes);

/* Adds bytes. 0; -EFBIG, -EDQUOT over a limit (quota), and then nothing is kept of it; or -errno of
 * write(2), -ENOSPC among them. */
int upload_write(struct upload *upload, const void *bytes, size_t length);

/* Adds an open file's first bytes; see copy_bytes. */
int upload_copy(struct upload *upload, int file, int64_t count, int (*stop)(void *context),
	void *context, _Atomic uint64_t *progress);

/* Puts on the disk what came so far, as `sync` says, and makes a commit that follows the quicker. 0
 * or -errno. */
int upload_settle(const struct upload *upload, enum config_sync sync);

/* All came: makes it the file, durable as `sync` says. 0 or -errno, and then the partial is treated
 * as by upload_abandon. Ends the upload either way. `sum` (may be NULL) gets the SHA-256 of a
 * resumable one. */
int upload_commit(struct upload *upload, enum config_sync sync, char sum[DIGEST_TEXT]);

/* It broke off: keeps what a later one can resume, removes the rest. Ends the upload. */
void upload_abandon(struct upload *upload);

#endif
