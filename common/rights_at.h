/* Rights from a directory on, of one account: what it may do in /incoming and below, other than
 * elsewhere. A few of them, packed so that they can be copied and sent as they are. The other end
 * may be hostile: what was received is asked rights_at_is_sound before it is read. */
#ifndef FTPOOL_COMMON_RIGHTS_AT_H
#define FTPOOL_COMMON_RIGHTS_AT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { RIGHTS_AT_BYTES = 1024 };

struct rights_at {
	uint32_t size;
	char bytes[RIGHTS_AT_BYTES]; /* each: the path with its NUL, then the rights, 4 bytes */
};

/* Adds a path in normal form, in place of what it said of it. 0 or -ENOSPC. */
int rights_at_set(struct rights_at *at, const char *path, uint32_t may);

/* Takes it out. false: it was not there. */
bool rights_at_remove(struct rights_at *at, const char *path);

bool rights_at_has(const struct rights_at *at, const char *path);

/* The next one from *offset on, 0 at first. false: there is none left. */
bool rights_at_next(const struct rights_at *at, size_t *offset, const char **path, uint32_t *may);

/* Paths that are sound, rights that there are, and nothing else. */
bool rights_at_is_sound(const struct rights_at *at);

/* May rights begin there? In normal form: "/a/b", no "/" alone or at the end, no "//", no "." or
 * "..", no control bytes. */
bool rights_at_path_is_sound(const char *path);

#endif
