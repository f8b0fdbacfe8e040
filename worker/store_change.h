/* What changes the tree below a root, but for uploads: the other half of the store (see store.h),
 * with the same promise. Every path is walked by the kernel inside the root, and what is done, is
 * done to a name in the open directory above it, so that no link that is put in the way meanwhile
 * leads the change elsewhere.
 *
 *     store_change        files and directories: names, and what is made
 *     store_change_tree   directories that go
 *     store_change_facts  what is known of a file
 *     store_change_link   links that stay inside
 *     store_change_copy   a file's second copy
 *
 * All return 0 or -errno, and besides what is said at each: -EPERM without the rights named there;
 * -EACCES when the disk refuses, when something is neither file nor directory, and for the root
 * itself; -ENOENT for a partial's name (-EINVAL where it would be made); -EROFS, -ENAMETOOLONG …
 * as the system calls have them.
 *
 * `stop` (may be NULL) is asked again and again during long work; what it returns but 0 ends the
 * work and is returned. */
#ifndef FTPOOL_WORKER_STORE_CHANGE_H
#define FTPOOL_WORKER_STORE_CHANGE_H

#include "worker/store.h"

#include <stdatomic.h>

/* RIGHT_delete. Removes a file, or a link, not what it points to. When there is none of that name
 * but an upload to it broke off, that goes. -EISDIR; -EBUSY when such an upload still runs. */
int store_remove_file(const struct store *store, const struct vpath *path);

/* RIGHT_mkdir. -EEXIST. */
int store_make_directory(const struct store *store, const struct vpath *path);

/* RIGHT_mkdir. With all directories above it; those that are there are fine. -ENOTDIR when a file
 * is in the way. */
int store_make_directories(const struct store *store, const struct vpath *path);

/* RIGHT_rmdir. What is left of broken-off uploads goes with it. -ENOTEMPTY; -ENOTDIR; -EBUSY when
 * there is nothing else but an upload that still runs. */
int store_remove_directory(const struct store *store, const struct vpath *path);

/* RIGHT_rmdir and RIGHT_delete. With all that is in it; links are removed, never followed. -ELOOP
 * for directories more than 128 deep; -EBUSY for an upload that runs; -ENOTEMPTY when there is
 * something that is not served. What was removed before an error stays removed. */
int store_remove_tree(const struct store *store, const struct vpath *path,
	int (*stop)(void *context), void *context);

/* RIGHT_rename, and RIGHT_overwrite to put it in place of a file that is there (else -EEXIST).
 * -EISDIR in place of a directory; -EEXIST for a directory in place of a file; -EINVAL into itself;
 * -EXDEV to another file system. From one zone into another, what is moved must not become what may
 * be read (RIGHT_get; for a directory RIGHT_list, too) unless it may where it is. */
int store_rename(const struct store *store, const struct vpath *from, const struct vpath *to);

/* RIGHT_chmod. Of a file or directory; of what a link points to. -EINVAL for more than 0777: what
 * set-user-ID and its like a directory has, it keeps, and a file loses. */
int store_set_mode(const struct store *store, const struct vpath *path, mode_t mode);

/* RIGHT_touch. Seconds since 1970; of what a link points to. */
int store_set_mtime(const struct store *store, const struct vpath *path, int64_t mtime);

/* RIGHT_mkdir. A symbolic link at path to what `target` means to a client, seen from the directory
 * above path. Whatever it was written like, it is stored relative to where it stands, so that it
 * means the same to whoever looks at the disk. The target need not exist. -EEXIST; -EINVAL for an
 * empty target, a NUL, a partial. */
int store_make_link(const struct store *store, const char *target, size_t target_length,
	const struct vpath *path);

struct session;

/* RIGHT_get and RIGHT_put, and RIGHT_overwrite to put it in place of a file that is there (else
 * -EEXIST). The copy stands there whole or not at all, and is on the disk when this returns.
 * `progress` (may be NULL) counts bytes; `session` is as in struct upload_wish. -EISDIR; -ENOSPC …
 */
int store_copy(const struct store *store, const struct vpath *from, const struct vpath *to,
	int (*stop)(void *context), void *context, _Atomic uint64_t *progress,
	const struct session *session);

/* RIGHT_put. Bytes that may still be written below that directory, by the disk and by the quota;
 * INT64_MAX where neither counts them; or -errno. */
int64_t store_free_bytes(const struct store *store, const struct vpath *directory);

#endif
