#include "client/progress.h"

#include "client/display.h"
#include "tests/unit/suite.h"

#include <locale.h>
#include <string.h>

static const char *line(const char *title, int64_t done, int64_t total, size_t columns)
{
	static char text[512];
	struct progress progress = {
		.title = title, .total = total, .done = done, .rate = 1 << 20, .elapsed_ms = 61000};
	char *made;

	setlocale(LC_CTYPE, "C.UTF-8");
	made = progress_line(&progress, columns);
	ck_assert_ptr_nonnull(made);
	ck_assert_uint_lt(strlen(made), sizeof(text));
	strcpy(text, made);
	free(made);
	return text;
}

START_TEST(a_line_says_how_far_how_fast_how_long)
{
	ck_assert_str_eq(line("file", 3 << 20, 10 << 20, 79),
		"file  30% [=========>                        ]    3.0 MiB    1.0 MiB/s     0:07");
	ck_assert_str_eq(line("file", 10 << 20, 10 << 20, 60),
		"file 100% [===============]   10.0 MiB    1.0 MiB/s     0:00");
}
END_TEST

START_TEST(without_a_total_the_time_gone_by)
{
	ck_assert_str_eq(line("file", 3 << 20, -1, 79), "file    3.0 MiB    1.0 MiB/s     1:01");
}
END_TEST

START_TEST(an_empty_file_is_whole)
{
	ck_assert_ptr_nonnull(strstr(line("file", 0, 0, 79), "100%"));
}
END_TEST

START_TEST(more_than_was_said_is_no_more_than_all)
{
	ck_assert_ptr_nonnull(strstr(line("file", 20, 10, 79), "100%"));
}
END_TEST

START_TEST(no_line_is_wider_than_the_terminal)
{
	static const char *const titles[] = {"", "f", "中文名字",
		"a title that is much longer than any bar should have to bear, and then some",
		"很长的名字很长的名字很长的名字很长的名字很长的名字很长的名字很长的名字很长的名字"};

	for (size_t i = 0; i < sizeof(titles) / sizeof(*titles); i++) {
		for (size_t columns = 20; columns < 300; columns++) {
			ck_assert_uint_le(display_width(line(titles[i], 1, 3, columns)), columns);
			ck_assert_uint_le(display_width(line(titles[i], 1, -1, columns)), columns);
			ck_assert_uint_le(
				display_width(line(titles[i], INT64_MAX, INT64_MAX, columns)),
				columns);
		}
	}
}
END_TEST

SUITE(client_progress, a_line_says_how_far_how_fast_how_long, without_a_total_the_time_gone_by,
	an_empty_file_is_whole, more_than_was_said_is_no_more_than_all,
	no_line_is_wider_than_the_terminal)
