#include "common/complaints.h"

#include "tests/unit/suite.h"
#include "tests/unit/told.h"

START_TEST(each_has_its_place_and_a_line_of_its_own)
{
	struct told told;

	told_open(&told);
	complain(&told.complaints, (struct origin){"a.conf", 17}, "%s is %d", "port", 70000);
	complain(&told.complaints, (struct origin){"-o port=x", 0}, "100%% wrong");
	told_expect(&told, 2, NULL);
	ck_assert_str_eq(told_text(&told), "a.conf:17: port is 70000\n-o port=x: 100% wrong\n");
	told_close(&told);
}
END_TEST

START_TEST(nothing_is_told_of_nothing)
{
	struct told told;

	told_open(&told);
	told_expect(&told, 0, NULL);
	ck_assert_str_eq(told_text(&told), "");
	told_close(&told);
}
END_TEST

SUITE(complaints, each_has_its_place_and_a_line_of_its_own, nothing_is_told_of_nothing)
