#include "worker/ftp/listing_argument.h"

#include "tests/unit/suite.h"

#include <string.h>

/* The options as letters, in a fixed order, then a blank and the path. */
static const char *read_as(const char *text)
{
	static char said[300];
	static const char *const sorts[] = {[LISTING_UNSORTED] = "",
		[LISTING_BY_NAME] = "n",
		[LISTING_BY_TIME] = "t",
		[LISTING_BY_SIZE] = "S"};
	struct listing_argument argument;

	memset(&argument, 0xff, sizeof(argument));
	listing_argument_read(&argument, text);
	snprintf(said, sizeof(said), "%s%s%s%s%s%s %s", argument.all ? "a" : "",
		argument.recursive ? "R" : "", argument.itself ? "d" : "",
		argument.lines ? "l" : "", argument.reverse ? "r" : "", sorts[argument.sort],
		argument.path);
	return said;
}

START_TEST(a_path_stands_alone)
{
	ck_assert_str_eq(read_as(""), " ");
	ck_assert_str_eq(read_as("a"), " a");
	ck_assert_str_eq(read_as("a b  c"), " a b  c");
	ck_assert_str_eq(read_as("/a -l"), " /a -l");
	ck_assert_str_eq(read_as("*.txt"), " *.txt");
	ck_assert_str_eq(read_as("-"), " -");
	ck_assert_str_eq(read_as("- a"), " - a");
}
END_TEST

START_TEST(options_come_first)
{
	ck_assert_str_eq(read_as("-a"), "a ");
	ck_assert_str_eq(read_as("-A"), "a ");
	ck_assert_str_eq(read_as("-l"), "l ");
	ck_assert_str_eq(read_as("-R"), "R ");
	ck_assert_str_eq(read_as("-d"), "d ");
	ck_assert_str_eq(read_as("-t"), "t ");
	ck_assert_str_eq(read_as("-S"), "S ");
	ck_assert_str_eq(read_as("-laR"), "aRl ");
	ck_assert_str_eq(read_as("-l -a -R"), "aRl ");
	ck_assert_str_eq(read_as("-la /path with blank"), "al /path with blank");
	ck_assert_str_eq(read_as("  -a   -l   x"), "al x");
}
END_TEST

START_TEST(orders_combine)
{
	ck_assert_str_eq(read_as("-r"), "rn ");
	ck_assert_str_eq(read_as("-tr"), "rt ");
	ck_assert_str_eq(read_as("-rt"), "rt ");
	ck_assert_str_eq(read_as("-r -S x"), "rS x");
	ck_assert_str_eq(read_as("-tS"), "S ");
	ck_assert_str_eq(read_as("-S -t"), "t ");
}
END_TEST

START_TEST(unknown_options_are_passed_over)
{
	ck_assert_str_eq(read_as("-x"), " ");
	ck_assert_str_eq(read_as("-1 -F a"), " a");
	ck_assert_str_eq(read_as("-xaL b"), "a b");
	ck_assert_str_eq(read_as("--all b"), " b");
	ck_assert_str_eq(read_as("--color=auto -a"), "a ");
}
END_TEST

START_TEST(two_dashes_end_options)
{
	ck_assert_str_eq(read_as("--"), " ");
	ck_assert_str_eq(read_as("-- -a"), " -a");
	ck_assert_str_eq(read_as("-l -- -- b"), "l -- b");
	ck_assert_str_eq(read_as("a --"), " a --");
}
END_TEST

SUITE(ftp_listing_argument, a_path_stands_alone, options_come_first, orders_combine,
	unknown_options_are_passed_over, two_dashes_end_options)
