/* Where the bytes of a get land: a hidden ".NAME.part" beside the target, which takes its name only
 * when it is whole, so that a get that fails never harms a file that is there. What is no regular
 * file (a device, a pipe, standard output) is written to directly.
 *
 * Errors are -errno with the trouble set. */
#ifndef FTPOOL_CLIENT_LANDING_H
#define FTPOOL_CLIENT_LANDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct landing {
	int file; /* -1: not open */
	bool direct;
	bool borrowed; /* the part began as a copy of the target and is no more than that yet */
	int64_t size;  /* bytes in the part */
	char *target;
	char *part;
	mode_t mode; /* of the target, if there is one; else 0 */
};

/* Opens (and locks) the part for the path, or standard output for NULL. With `resume`,
 * landing->size bytes are there already: of a part that was left behind, or else of the target,
 * copied. */
int landing_open(struct landing *landing, const char *path, bool resume);

int landing_write(struct landing *landing, const void *bytes, size_t length);

/* Forgets all bytes; not for a direct landing. */
int landing_restart(struct landing *landing);

/* The part becomes the target, with the time given (-1: now). */
int landing_commit(struct landing *landing, int64_t modified_unix_seconds);

/* Ends it. A part that was not committed stays if `keep` and there is something in it worth
 * keeping; returns whether it stays. Idempotent. */
bool landing_close(struct landing *landing, bool keep);

#endif
