#include "client/figures.h"

#include "tests/unit/suite.h"

START_TEST(sizes_have_at_most_four_digits)
{
	static const struct {
		int64_t bytes;
		const char *text;
	} sizes[] = {
		{0, "0 B"},
		{1023, "1023 B"},
		{1024, "1.0 KiB"},
		{1536, "1.5 KiB"},
		{1048575, "1.0 MiB"},
		{1048576, "1.0 MiB"},
		{5LL << 30, "5.0 GiB"},
		{1023LL << 30, "1023.0 GiB"},
		{INT64_MAX, "8.0 EiB"},
	};
	char text[FIGURES_TEXT];

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
		ck_assert_str_eq(figures_size(text, sizes[i].bytes), sizes[i].text);
}
END_TEST

START_TEST(durations)
{
	char text[FIGURES_TEXT];

	ck_assert_str_eq(figures_duration(text, 0), "0:00");
	ck_assert_str_eq(figures_duration(text, 59), "0:59");
	ck_assert_str_eq(figures_duration(text, 3599), "59:59");
	ck_assert_str_eq(figures_duration(text, 3600), "1:00:00");
	ck_assert_str_eq(figures_duration(text, 360000), "100:00:00");
}
END_TEST

START_TEST(rates)
{
	ck_assert_int_eq(figures_rate(1000, 500), 2000);
	ck_assert_int_eq(figures_rate(1000, 0), 0);
	ck_assert_int_gt(figures_rate(1LL << 60, 1000000), 0);
}
END_TEST

SUITE(client_figures, sizes_have_at_most_four_digits, durations, rates)
