/* How long to wait before the next try: after the first failure `shortest_ms`, doubled by each that
 * follows in a row, and never more than `longest_ms`. */
#ifndef FTPOOL_COMMON_BACK_OFF_H
#define FTPOOL_COMMON_BACK_OFF_H

#include <stdint.h>

int64_t back_off_ms(uint32_t failures, int64_t shortest_ms, int64_t longest_ms);

#endif
