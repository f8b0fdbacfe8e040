#include "worker/ftp/wildcard.h"

#include "tests/unit/suite.h"

#include <string.h>

struct row {
	const char *pattern, *name;
};

static void expect(bool wanted, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		ck_assert_msg(wildcard_match(rows[i].pattern, rows[i].name) == wanted, "%s: %s",
			rows[i].pattern, rows[i].name);
}

#define EXPECT(wanted, ...)                                                                        \
	do {                                                                                       \
		static const struct row rows[] = {__VA_ARGS__};                                    \
                                                                                                   \
		expect(wanted, rows, sizeof(rows) / sizeof(rows[0]));                              \
	} while (0)

START_TEST(stars)
{
	EXPECT(true, {"*", "a"}, {"*", ""}, {"*.txt", "a.txt"}, {"*.txt", "a.b.txt"}, {"a*", "a"},
		{"a*b*c", "abc"}, {"a*b*c", "aXbYbZc"}, {"**", "abc"}, {"*a*", "bab"},
		{"*ab", "aab"}, {"*aab", "aaab"}, {"a**", "a"}, {"", ""});
	EXPECT(false, {"*.txt", "a.tx"}, {"*.txt", "a.txt~"}, {"a*b", "abc"}, {"a*b*c", "acb"},
		{"", "a"}, {"a", ""}, {"ab", "a"}, {"a", "ab"}, {"*ab", "aba"});
}
END_TEST

START_TEST(questions)
{
	EXPECT(true, {"?", "a"}, {"a?c", "abc"}, {"??*", "abc"}, {"*?", "a"}, {"?", "?"});
	EXPECT(false, {"?", ""}, {"?", "ab"}, {"*??", "a"}, {"a?", "a"});
	/* Bytes, not letters. */
	EXPECT(true, {"??", "\xc3\xa9"}, {"*\xa9", "\xc3\xa9"});
	EXPECT(false, {"?", "\xc3\xa9"});
}
END_TEST

START_TEST(classes)
{
	EXPECT(true, {"[a-c]", "b"}, {"[abc]", "c"}, {"[!a-c]", "d"}, {"[^a-c]", "d"}, {"[]]", "]"},
		{"[!]]", "a"}, {"[]a]", "a"}, {"[]-a]", "^"}, {"[a-]", "-"}, {"[-a]", "-"},
		{"a[--0]", "a."}, {"[a-c-e]", "-"}, {"[a!]", "!"}, {"[[]", "["}, {"[*]", "*"},
		{"[?]", "?"}, {"x[0-9]y", "x5y"}, {"*[0-9]", "a12"}, {"[\x80-\xff]", "\xc3"},
		{"[/]", "/"});
	EXPECT(false, {"[a-c]", "d"}, {"[!a-c]", "b"}, {"[!a-c]", ""}, {"[a-]", "b"}, {"[*]", "a"},
		{"[c-a]", "b"}, {"[!]]", "]"}, {"[a]b", "a"}, {"[\x80-\xff]", "a"}, {"[a]", "ab"});
}
END_TEST

START_TEST(a_backslash_takes_the_meaning_away)
{
	EXPECT(true, {"\\*", "*"}, {"\\?", "?"}, {"\\[a]", "[a]"}, {"\\a", "a"}, {"\\\\", "\\"},
		{"a\\", "a\\"}, {"[\\]]", "]"}, {"[a\\]b]", "b"}, {"[\\a-\\c]", "b"},
		{"[a\\-c]", "-"}, {"[\\!a]", "!"}, {"\\\\*", "\\a"}, {"\\.a", ".a"});
	EXPECT(false, {"\\*", "a"}, {"\\?", "a"}, {"\\[a]", "a"}, {"\\\\", "a"}, {"[a\\-c]", "b"},
		{"a\\", "a"}, {"[\\]]", "\\"});
}
END_TEST

START_TEST(an_unclosed_class_means_itself)
{
	EXPECT(true, {"[", "["}, {"[a", "[a"}, {"[]", "[]"}, {"[!]", "[!]"}, {"[a\\]", "[a]"},
		{"[a][b", "a[b"}, {"*[", "ab["}, {"[[[", "[[["}, {"[*", "[abc"}, {"[a-", "[a-"},
		{"[a]*[!", "axx[!"}, {"[\\", "[\\"});
	EXPECT(false, {"[a", "a"}, {"[]", "]"}, {"[a][b", "ab"}, {"[[[", "[["}, {"[", ""});
}
END_TEST

START_TEST(a_leading_dot_is_met_by_a_dot)
{
	EXPECT(true, {".*", ".a"}, {".a", ".a"}, {"\\.a", ".a"}, {"*.a", "b.a"}, {"a?b", "a.b"},
		{"a[.]b", "a.b"}, {"a*", "a.b"}, {".*", "."});
	EXPECT(false, {"*", ".a"}, {"?a", ".a"}, {"[.]a", ".a"}, {"[!b]a", ".a"}, {"*.a", ".a"},
		{"*", "."}, {"**", ".a"}, {"", "."});
}
END_TEST

START_TEST(signs)
{
	static const char *const with[] = {"*", "a*", "?", "[", "a[b", "\\*", "\xff*"};
	static const char *const without[] = {"", "a", "a]", "a\\b", "!", "-", "a.txt", "^"};

	for (size_t i = 0; i < sizeof(with) / sizeof(with[0]); i++)
		ck_assert_msg(wildcard_is(with[i]), "%s", with[i]);
	for (size_t i = 0; i < sizeof(without) / sizeof(without[0]); i++)
		ck_assert_msg(!wildcard_is(without[i]), "%s", without[i]);
}
END_TEST

/* What takes ages of one who goes back to each star, or looks for the end of each class again:
 * the suite's patience ends these. */
START_TEST(no_pattern_takes_long)
{
	enum { PATTERN = 4000, NAME = 255 };
	char pattern[PATTERN + 2], name[NAME + 1];

	memset(name, 'a', NAME);
	name[NAME] = '\0';
	for (size_t i = 0; i < PATTERN; i++)
		pattern[i] = "a*"[i % 2];
	memcpy(pattern + 400, "b", 2);
	for (int i = 0; i < 1000; i++)
		ck_assert(!wildcard_match(pattern, name));
	memset(pattern, '[', PATTERN);
	pattern[0] = '*';
	pattern[PATTERN] = '\0';
	memset(name, '[', NAME);
	for (int i = 0; i < 1000; i++)
		ck_assert(!wildcard_match(pattern, name));
}
END_TEST

SUITE(ftp_wildcard, stars, questions, classes, a_backslash_takes_the_meaning_away,
	an_unclosed_class_means_itself, a_leading_dot_is_met_by_a_dot, signs, no_pattern_takes_long)
