#include "client/ctl_fit.h"

#include "tests/unit/suite.h"

#include <locale.h>
#include <string.h>

static void expect(const char *text, size_t columns, enum ctl_fit_end end, const char *fit)
{
	char out[100];

	ck_assert_str_eq(ctl_fit(out, sizeof(out), text, columns, end), fit);
}

START_TEST(is_padded_or_cut)
{
	expect("", 3, FIT_BEGINNING, "   ");
	expect("ab", 3, FIT_BEGINNING, "ab ");
	expect("abc", 3, FIT_BEGINNING, "abc");
	expect("abcd", 3, FIT_BEGINNING, "ab~");
	expect("abcd", 3, FIT_END, "~cd");
	expect("abcd", 1, FIT_END, "~");
	expect("abcd", 0, FIT_END, "");
	expect("abcd", 0, FIT_BEGINNING, "");
}
END_TEST

START_TEST(characters_have_widths)
{
	if (!setlocale(LC_ALL, "C.UTF-8"))
		suite_skip("no UTF-8 here");
	expect("häuser", 3, FIT_BEGINNING, "hä~");
	expect("häuser", 7, FIT_END, "häuser ");
	expect("中文字", 4, FIT_BEGINNING, "中~ ");
	expect("中文字", 4, FIT_END, "~字 ");
	expect("a\xff\x1b", 4, FIT_BEGINNING, "a?? ");
}
END_TEST

START_TEST(in_the_c_locale_other_bytes_are_question_marks)
{
	setlocale(LC_ALL, "C");
	expect("h\xc3\xa4", 4, FIT_BEGINNING, "h?? ");
}
END_TEST

START_TEST(never_overruns)
{
	char text[300], out[8];

	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert_str_eq(ctl_fit(out, sizeof(out), text, 200, FIT_BEGINNING), "xxxxxxx");
	ck_assert_str_eq(ctl_fit(out, sizeof(out), text, 200, FIT_END), "~xxxxxx");
}
END_TEST

SUITE(ctl_fit, is_padded_or_cut, characters_have_widths,
	in_the_c_locale_other_bytes_are_question_marks, never_overruns)
