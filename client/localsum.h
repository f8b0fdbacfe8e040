/* The checksum of a local file's bytes, with progress, and ctrl-C ends it. */
#ifndef FTPOOL_CLIENT_LOCALSUM_H
#define FTPOOL_CLIENT_LOCALSUM_H

#include "common/digest.h"

#include <stdint.h>

/* Adds the first `length` bytes of the open file to the digest; the file's position stays. 0, or
 * -errno with the trouble set (-ENODATA: the file is shorter). */
int localsum_add(struct digest *digest, int file, int64_t length);

#endif
