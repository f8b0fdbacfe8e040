/* A checked config as memory without a name, to hand to another process: what was worked out on
 * checking goes with it, so that whoever takes it out need look at nothing and cannot be held up.
 */
#ifndef FTPOOL_COMMON_CONFIG_PACK_H
#define FTPOOL_COMMON_CONFIG_PACK_H

#include "common/config.h"

/* A descriptor (memfd_create(2)), the caller's to close, or -errno. */
int config_pack(const struct config *config);

/* Takes it out again; the descriptor stays the caller's. NULL when memory is short or it is none.
 * Its origins are not those of the file. */
struct config *config_unpack(int descriptor);

#endif
