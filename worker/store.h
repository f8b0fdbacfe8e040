/* The store: the only door to the disk. Every path is opened by the kernel below the root's
 * descriptor (openat2(2), RESOLVE_IN_ROOT), so neither ".." nor a symbolic link leads out of it,
 * and only regular files and directories are served: no device, pipe, or socket.
 *
 * A file that is still coming in is a *partial*: a hidden `.NAME.partial` beside its target, which
 * no client can list, read, or name.
 *
 * What changes how much there is in the root asks its quota (quota): -EDQUOT, or -EFBIG for a file
 * that is larger than any may be.
 *
 * Each function asks for the rights it names before it looks at anything: -EPERM is an account
 * without them, and nothing else (store_refusal says which, and where); what the disk does not let
 * this process do is -EACCES.
 *
 * What an account may do, and which root is served, may differ from directory to directory (zones).
 * Then a link's target counts as well as the path that was asked for. A mount is there whether its
 * root has a directory of that name or not, as are the directories above it, which hold nothing
 * else if the disk has none: into those nothing can be put (-EROFS).
 *
 *     store         reading and listing
 *     store_change  what changes the tree, but for uploads
 *     store_place   a name in an open directory, for these rooms and upload
 *     store_walk    how a path is opened
 *     store_links   where the links on it lead, in a tree with zones
 *     store_refusal which right was missing */
#ifndef FTPOOL_WORKER_STORE_H
#define FTPOOL_WORKER_STORE_H

#include "worker/zones.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct quota;

struct store {
	int root;                  /* O_PATH descriptor */
	uint32_t may;              /* RIGHT_list … of common/rights.h, where no zone says other */
	const struct zones *zones; /* NULL: there are none */
	struct quota *quota;       /* of what lies in that root, not in mounts; NULL: none */
};

/* What stat(2) tells of a file or directory. */
struct store_file {
	int descriptor; /* -1 when only looked at */
	bool directory; /* else a regular file */
	mode_t mode;    /* the permission bits alone: 07777 */
	uint32_t links;
	uid_t uid;
	gid_t gid;
	uint64_t device, inode;
	int64_t size;  /* bytes */
	int64_t mtime; /* seconds since 1970 */
	uint32_t may;  /* what the account may do with it: RIGHT_list … */
};

/* Opens the root, with all rights. 0 or -errno. */
int store_open(struct store *store, const char *root);
void store_close(struct store *store);

/* Opens a regular file for reading (RIGHT_get); the descriptor is the caller's to close. 0; -ENOENT
 * also for partials; -EISDIR; -EACCES for what is neither file nor directory; or -errno. */
int store_open_file(const struct store *store, const struct vpath *path, struct store_file *file);

/* The same for who has those rights, whatever else he may not. */
int store_open_file_for(const struct store *store, const struct vpath *path, uint32_t rights,
	struct store_file *file);

/* The same facts without opening; directories too. For RIGHT_list or RIGHT_get. */
int store_look(const struct store *store, const struct vpath *path, struct store_file *file);

/* The same for who has those rights, whatever else he may not; 0 for everybody. What is told of the
 * facts is the caller's to answer for. */
int store_look_for(const struct store *store, const struct vpath *path, uint32_t rights,
	struct store_file *file);

/* Is it a directory that a client may be in? Whatever he may do, he may do it in any directory, and
 * come to where the configuration has begun something; where he may do nothing, he is not told what
 * there is. 0; -ENOTDIR; or -errno. */
int store_enter(const struct store *store, const struct vpath *path);

/* The facts of the unfinished upload to that path, for who may go on with it (RIGHT_put). -ENOENT
 * when there is none, and when a file stands there: then that is the one to go on with. */
int store_look_partial(
	const struct store *store, const struct vpath *path, struct store_file *file);

/* One directory being listed, in the order in which the disk gives it. */
struct store_listing {
	const struct store *store;
	struct vpath directory; /* without links, if there are zones */
	DIR *stream;            /* NULL: only mounts are there */
	uint32_t may;           /* in it */
	bool has_zones;         /* at or below names in it */
	size_t mounts;          /* how far they have been told */
	char mount[VPATH_NAME_LONGEST + 1];
};

/* What bears the name. entry.file of a link tells what it leads to. */
enum store_kind { STORE_UNKNOWN, STORE_LINK, STORE_FILE, STORE_DIRECTORY };

struct store_entry {
	const char *name; /* until the next call */
	enum store_kind kind;
	struct store_file file;
};

/* Begins a listing (RIGHT_list). 0 or -errno: -ENOTDIR, -ENOENT … */
int store_list(struct store_listing *listing, const struct store *store, const struct vpath *path);

/* 1 and the next file or directory, 0 at the end, or -errno. Leaves out ".", "..", partials, what
 * is neither file nor directory, and what vanished meanwhile. */
int store_list_next(struct store_listing *listing, struct store_entry *entry);

/* The same in two steps, for who does not need the facts of every name. First the name and the
 * kind that the directory itself knows; only STORE_FILE and STORE_DIRECTORY are surely served.
 * Then, if wanted, a look at it: 0, kind (a link stays one) and file; or -errno for what is not
 * served after all. */
int store_list_name(struct store_listing *listing, struct store_entry *entry);
int store_list_look(const struct store_listing *listing, struct store_entry *entry);

/* Back to the first name. */
void store_list_rewind(struct store_listing *listing);
void store_list_close(struct store_listing *listing);

#endif
