#include "common/back_off.h"

#include "tests/unit/suite.h"

START_TEST(each_failure_doubles_it_up_to_the_longest)
{
	static const int64_t expected[] = {100, 100, 200, 400, 800, 1000, 1000};

	for (uint32_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		ck_assert_int_eq(back_off_ms(i, 100, 1000), expected[i]);
}
END_TEST

START_TEST(many_failures_overflow_nothing)
{
	ck_assert_int_eq(back_off_ms(UINT32_MAX, 1, INT64_MAX / 2), INT64_MAX / 2);
}
END_TEST

SUITE(back_off, each_failure_doubles_it_up_to_the_longest, many_failures_overflow_nothing)
