/* What an account may do with files. Written as words in the config, kept as a set of bits, and
 * enforced in one place: the store. */
#ifndef FTPOOL_COMMON_RIGHTS_H
#define FTPOOL_COMMON_RIGHTS_H

#include <errno.h>
#include <stdint.h>

enum {
#define RIGHT(name, help) RIGHT_INDEX_##name,
#include "common/rights.def"
#undef RIGHT
	RIGHT_COUNT
};

/* Bits of a set of rights: RIGHT_list, RIGHT_get … */
enum {
#define RIGHT(name, help) RIGHT_##name = 1 << RIGHT_INDEX_##name,
#include "common/rights.def"
#undef RIGHT
	RIGHTS_ALL = (1 << RIGHT_COUNT) - 1
};

/* 0 when all that are needed are among those held; else -EPERM, which nothing else in the store
 * says: what the disk refuses is -EACCES. */
static inline int rights_check(uint32_t held, uint32_t needed)
{
	return (needed & ~held) == 0 ? 0 : -EPERM;
}

#endif
