#include "supervisor/rates.h"

#include "tests/unit/suite.h"

static struct rates rates;
static uint64_t totals[BOARD_COUNTERS];

static void note(uint64_t requests, int64_t now_ms)
{
	totals[COUNT_requests] = requests;
	rates_note(&rates, totals, now_ms);
}

static double requests_per_second(void)
{
	return rates_per_second(&rates, COUNT_requests);
}

START_TEST(nothing_before_there_are_two)
{
	ck_assert_double_eq(requests_per_second(), 0);
	note(100, 5000);
	ck_assert_double_eq(requests_per_second(), 0);
	/* Too soon to count as a second one. */
	note(200, 5999);
	ck_assert_double_eq(requests_per_second(), 0);
	note(200, 6000);
	ck_assert_double_eq(requests_per_second(), 100);
}
END_TEST

START_TEST(growth_over_the_time_remembered)
{
	for (int i = 0; i <= 5; i++)
		note((uint64_t)i * 10, 1000 * i);
	ck_assert_double_eq(requests_per_second(), 10);
	note(50, 10000);
	ck_assert_double_eq(requests_per_second(), 5);
	ck_assert_double_eq(rates_per_second(&rates, COUNT_downloads), 0);
}
END_TEST

START_TEST(only_the_last_seconds_count)
{
	for (int i = 0; i < 100; i++)
		note(1000000, 1000 * i);
	ck_assert_double_eq(requests_per_second(), 0);
	for (int i = 0; i < RATES_SECONDS; i++)
		note(1000000 + 70 * ((uint64_t)i + 1), 100000 + 1000 * i);
	ck_assert_double_eq(requests_per_second(), 70);
}
END_TEST

/* A corrupted board may count backwards. */
START_TEST(no_growth_is_never_negative)
{
	note(100, 0);
	note(5, 1000);
	ck_assert_double_eq(requests_per_second(), 0);
}
END_TEST

SUITE(rates, nothing_before_there_are_two, growth_over_the_time_remembered,
	only_the_last_seconds_count, no_growth_is_never_negative)
