/* A client's path: absolute in the account's tree, normal form, bytes. Pure: nothing is looked up.
 * A struct vpath can only come from here, and the store opens nothing else, so that a raw string
 * of a client cannot reach the disk. */
#ifndef FTPOOL_WORKER_VPATH_H
#define FTPOOL_WORKER_VPATH_H

#include <stddef.h>

enum { VPATH_LONGEST = 4095, VPATH_NAME_LONGEST = 255 };

struct vpath {
	size_t length;
	char text[VPATH_LONGEST + 1]; /* "/", or "/a/b": no "." "..", "//" and no / at the end */
};

/* The root of the tree: "/". */
void vpath_root(struct vpath *path);

/* What `length` bytes of a client mean, seen from the directory `base` (NULL: the root). ".." at
 * the root stays there, as in every Unix. 0; -EINVAL for a NUL or nothing at all; -ENAMETOOLONG
 * for a component or a whole that is too long. path may be base. */
int vpath_resolve(struct vpath *path, const struct vpath *base, const char *bytes, size_t length);

/* The last component; "" for the root. */
const char *vpath_name(const struct vpath *path);

/* The directory that holds it; the root's is the root. */
void vpath_parent(struct vpath *parent, const struct vpath *path);

/* The path as openat2(2) wants it, seen from the root's descriptor: "." or "a/b". */
const char *vpath_relative(const struct vpath *path);

#endif
