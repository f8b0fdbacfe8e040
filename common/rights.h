/* What an account may do with files. Written as words in the config, kept as a set of bits, and
 * enforced in one place: the store. */
#ifndef FTPOOL_COMMON_RIGHTS_H
#define FTPOOL_COMMON_RIGHTS_H

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

#endif
