/* Memory without a name that processes share (memfd_create(2)), of a size that nobody can change
 * any more: whoever has it mapped cannot be hurt by another one that cuts it. */
#ifndef FTPOOL_COMMON_SEALED_MEMORY_H
#define FTPOOL_COMMON_SEALED_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* All zero; closed on exec. `name` is for /proc alone. The descriptor, or -errno. */
int sealed_memory_new(const char *name, size_t size);

/* Is a descriptor from elsewhere such memory, of that size? */
bool sealed_memory_is(int descriptor, size_t size);

#endif
