#include "client/words.h"

#include "tests/unit/suite.h"

#include <string.h>

/* The words, each in brackets. */
static const char *split(const char *line, int unfinished)
{
	static char text[256];
	struct words words;

	ck_assert_int_eq(words_split(&words, line, unfinished), 0);
	*text = '\0';
	for (size_t i = 0; i < words.count; i++) {
		strcat(text, "[");
		strcat(text, words.word[i]);
		strcat(text, "]");
	}
	ck_assert(words.count == 0 || words.word[words.count] == NULL);
	words_free(&words);
	return text;
}

START_TEST(blanks_part_words)
{
	ck_assert_str_eq(split("", 0), "");
	ck_assert_str_eq(split(" \t ", 0), "");
	ck_assert_str_eq(split("  get\ta  b ", 0), "[get][a][b]");
}
END_TEST

START_TEST(quotes_and_backslashes_keep_characters)
{
	ck_assert_str_eq(split("'a b' \"c d\" e\\ f", 0), "[a b][c d][e f]");
	ck_assert_str_eq(split("a'b 'c", 0), "[ab c]");
	ck_assert_str_eq(split("'' \"\"", 0), "[][]");
	ck_assert_str_eq(split("\\'\\\"\\\\", 0), "['\"\\]");
	ck_assert_str_eq(split("'a\\n' \"\\\"\"", 0), "[a\\n][\"]");
	ck_assert_str_eq(split("a\\", 0), "[a]");
}
END_TEST

START_TEST(escapes_mean_bytes)
{
	ck_assert_str_eq(split("a\\nb\\tc\\rd", 0), "[a\nb\tc\rd]");
	ck_assert_str_eq(split("\\033\\377", 0), "[\033\377]");
	/* No byte: too large, none, too short. */
	ck_assert_str_eq(split("\\400 \\000 \\01", 0), "[400][000][01]");
}
END_TEST

START_TEST(a_line_being_typed_has_a_last_word)
{
	struct words words;

	ck_assert_str_eq(split("", 1), "[]");
	ck_assert_str_eq(split("get ", 1), "[get][]");
	ck_assert_str_eq(split("get", 1), "[get]");
	ck_assert_int_eq(words_split(&words, "get 'a b", 1), 0);
	ck_assert_uint_eq(words.last_start, 4);
	ck_assert_int_eq(words.open_quote, '\'');
	ck_assert_str_eq(words.word[1], "a b");
	words_free(&words);
}
END_TEST

START_TEST(a_quoted_name_is_one_word_and_the_same_name)
{
	char name[8] = {'x', 0, 'y'};

	for (int c = 1; c < 256; c++) {
		struct words words;
		char *quoted;

		name[1] = (char)c;
		quoted = words_quote(name);
		ck_assert_ptr_nonnull(quoted);
		ck_assert_int_eq(words_split(&words, quoted, 0), 0);
		ck_assert_uint_eq(words.count, 1);
		ck_assert_str_eq(words.word[0], name);
		words_free(&words);
		free(quoted);
	}
}
END_TEST

START_TEST(an_empty_name_is_a_word_too)
{
	char *quoted = words_quote("");

	ck_assert_str_eq(split(quoted, 0), "[]");
	free(quoted);
}
END_TEST

SUITE(client_words, blanks_part_words, quotes_and_backslashes_keep_characters, escapes_mean_bytes,
	a_line_being_typed_has_a_last_word, a_quoted_name_is_one_word_and_the_same_name,
	an_empty_name_is_a_word_too)
