/* Sends the log where it disturbs nobody, for tests that make it speak. */
#ifndef FTPOOL_TESTS_UNIT_QUIET_LOG_H
#define FTPOOL_TESTS_UNIT_QUIET_LOG_H

#include "common/log.h"

#include <check.h>
#include <fcntl.h>
#include <unistd.h>

static inline void quiet_log(void)
{
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	ck_assert_int_eq(log_adopt(nowhere), 0);
	close(nowhere);
}

#endif
