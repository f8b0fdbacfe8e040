/* Bytes from one open file to another, inside the kernel where it can: on file systems that share
 * blocks between files that takes no time at all. */
#ifndef FTPOOL_WORKER_COPY_H
#define FTPOOL_WORKER_COPY_H

#include <stdatomic.h>
#include <stdint.h>

/* Copies `count` bytes that begin at `offset` of the one to where the other stands, which is its
 * end; holes stay holes. The position of `from` moves. `stop` (may be
 * NULL) is asked before each chunk of some MiB; what it returns but 0 ends the work and is
 * returned. `progress` (may be NULL) counts the bytes as they are copied. 0; -EIO when there are
 * not as many bytes; or -errno, with a part of them copied. */
int copy_bytes(int from, int64_t offset, int to, int64_t count, int (*stop)(void *context),
	void *context, _Atomic uint64_t *progress);

#endif
