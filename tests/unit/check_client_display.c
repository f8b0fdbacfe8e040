#include "client/display.h"

#include "tests/unit/suite.h"

#include <locale.h>
#include <string.h>

static void shows(char *shown, const char *wanted)
{
	ck_assert_ptr_nonnull(shown);
	ck_assert_str_eq(shown, wanted);
	free(shown);
}

START_TEST(printable_text_stays)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	shows(display_text("plain 中文 é \\n"), "plain 中文 é \\n");
	shows(display_name("a\\b"), "a\\\\b");
	shows(display_text(""), "");
}
END_TEST

START_TEST(what_moves_a_terminal_is_escaped)
{
	static const char to_the_left[] = {'\342', '\200', '\256', 'x', '\0'};

	setlocale(LC_CTYPE, "C.UTF-8");
	shows(display_text("\033[2J\a\n\t\r\177"), "\\033[2J\\007\\n\\t\\r\\177");
	shows(display_text("\302\233m"), "\\302\\233m"); /* CSI as one character */
	shows(display_text(to_the_left), "\\342\\200\\256x");
}
END_TEST

START_TEST(broken_utf8_is_escaped_byte_by_byte)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	shows(display_text("\377a\344\270"), "\\377a\\344\\270");
	shows(display_text("\344b"), "\\344b");
}
END_TEST

START_TEST(width_counts_columns)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	ck_assert_uint_eq(display_width(""), 0);
	ck_assert_uint_eq(display_width("ab"), 2);
	ck_assert_uint_eq(display_width("中文"), 4);
	ck_assert_uint_eq(display_width("e\314\201"), 1); /* combining accent */
}
END_TEST

static const char *cut(const char *from, size_t columns)
{
	static char text[64];

	strcpy(text, from);
	display_cut(text, columns);
	ck_assert_uint_le(display_width(text), columns);
	return text;
}

START_TEST(cutting_keeps_characters_whole)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	ck_assert_str_eq(cut("abcdef", 6), "abcdef");
	ck_assert_str_eq(cut("abcdefgh", 6), "abcde…");
	ck_assert_str_eq(cut("中文字", 6), "中文字");
	ck_assert_str_eq(cut("中文字", 5), "中文…");
	ck_assert_str_eq(cut("中文字", 4), "中…");
	ck_assert_str_eq(cut("abc", 1), "…");
	/* Cut away are two bytes: "…" needs three. */
	ck_assert_str_eq(cut("abc", 2), "a~");
}
END_TEST

SUITE(client_display, printable_text_stays, what_moves_a_terminal_is_escaped,
	broken_utf8_is_escaped_byte_by_byte, width_counts_columns, cutting_keeps_characters_whole)
