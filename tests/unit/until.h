/* Waiting for a condition that another thread or process brings about and nobody tells of. */
#ifndef FTPOOL_TESTS_UNIT_UNTIL_H
#define FTPOOL_TESTS_UNIT_UNTIL_H

#include "common/clock.h"

#include <check.h>
#include <poll.h>

enum { UNTIL_PATIENCE_MS = 30000, UNTIL_LOOK_MS = 2 };

/* Looks again and again, with `between` done before each look; fails when it never comes true. */
#define until_doing(condition, between)                                                            \
	do {                                                                                       \
		int64_t give_up_ms = clock_ms() + UNTIL_PATIENCE_MS;                               \
                                                                                                   \
		for (;;) {                                                                         \
			between;                                                                   \
			if (condition)                                                             \
				break;                                                             \
			ck_assert_msg(clock_ms() < give_up_ms, "never came true: " #condition);    \
			(void)poll(NULL, 0, UNTIL_LOOK_MS);                                        \
		}                                                                                  \
	} while (0)

#define until(condition) until_doing(condition, (void)0)

#endif
