#include "common/clock.h"

#include "tests/unit/suite.h"

#include <limits.h>
#include <string.h>
#include <time.h>

START_TEST(monotonic_clock_never_goes_back)
{
	int64_t before = clock_ms();

	for (int i = 0; i < 100000; i++) {
		int64_t now = clock_ms();

		ck_assert_int_ge(now, before);
		before = now;
	}
}
END_TEST

/* Never ahead of the exact one, and it moves. */
START_TEST(coarse_clock_follows)
{
	int64_t first = clock_coarse_ms();

	ck_assert_int_gt(first, 0);
	while (clock_coarse_ms() == first)
		;
	for (int i = 0; i < 100000; i++) {
		int64_t coarse = clock_coarse_ms();

		ck_assert_int_le(coarse, clock_ms());
	}
}
END_TEST

START_TEST(is_the_system_s_monotonic_clock_in_milliseconds)
{
	struct timespec before, after;
	int64_t now;

	clock_gettime(CLOCK_MONOTONIC, &before);
	now = clock_ms();
	clock_gettime(CLOCK_MONOTONIC, &after);
	ck_assert_int_ge(now, before.tv_sec * 1000 + before.tv_nsec / 1000000);
	ck_assert_int_le(now, after.tv_sec * 1000 + after.tv_nsec / 1000000);
}
END_TEST

START_TEST(unix_seconds_are_the_time_of_day)
{
	struct timespec before, after;
	int64_t now;

	clock_gettime(CLOCK_REALTIME, &before);
	now = clock_unix_seconds();
	clock_gettime(CLOCK_REALTIME, &after);
	ck_assert_int_ge(now, before.tv_sec);
	ck_assert_int_le(now, after.tv_sec);
}
END_TEST

START_TEST(what_is_left_is_clamped)
{
	int left = clock_left_ms(clock_ms() + 100000);

	ck_assert_int_gt(left, 0);
	ck_assert_int_le(left, 100000);
	ck_assert_int_eq(clock_left_ms(clock_ms()), 0);
	ck_assert_int_eq(clock_left_ms(clock_ms() - 1), 0);
	ck_assert_int_eq(clock_left_ms(0), 0);
	ck_assert_int_eq(clock_left_ms(clock_ms() + (int64_t)INT_MAX + 1000000), INT_MAX);
	ck_assert_int_eq(clock_left_ms(INT64_MAX), INT_MAX);
}
END_TEST

START_TEST(text_is_utc_with_milliseconds)
{
	static const char form[] = "dddd-dd-ddTdd:dd:dd.dddZ";
	char text[CLOCK_TEXT];
	struct tm utc = {0};
	int64_t before, after, told;

	/* A time zone must not show. */
	setenv("TZ", "XXX-5", 1);
	tzset();
	before = clock_unix_seconds();
	clock_text(text);
	after = clock_unix_seconds();
	ck_assert_uint_eq(strlen(text), sizeof(form) - 1);
	for (size_t i = 0; i < sizeof(form) - 1; i++) {
		if (form[i] == 'd')
			ck_assert(text[i] >= '0' && text[i] <= '9');
		else
			ck_assert_int_eq(text[i], form[i]);
	}
	ck_assert_str_eq(strptime(text, "%Y-%m-%dT%H:%M:%S", &utc), text + 19);
	told = timegm(&utc);
	ck_assert_int_ge(told, before);
	ck_assert_int_le(told, after);
}
END_TEST

SUITE(clock, monotonic_clock_never_goes_back, coarse_clock_follows,
	is_the_system_s_monotonic_clock_in_milliseconds, unix_seconds_are_the_time_of_day,
	what_is_left_is_clamped, text_is_utc_with_milliseconds)
