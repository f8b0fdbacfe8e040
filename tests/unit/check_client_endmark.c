#include "client/endmark.h"

#include "tests/unit/suite.h"

#include <stdbool.h>
#include <string.h>

/* A burst that comes: its bytes, and whether a pause was before it. */
struct burst {
	const char *bytes;
	bool after_pause;
};

/* What is written to the file by the time that the last burst has come. */
static const char *written(struct endmark *mark, const struct burst *bursts)
{
	static char file[64];

	memset(mark, 0, sizeof(*mark));
	*file = '\0';
	for (; bursts->bytes; bursts++) {
		size_t length = strlen(bursts->bytes);
		int freed = endmark_take(mark, bursts->bytes, &length, bursts->after_pause);

		strncat(file, "##", (size_t)freed);
		strncat(file, bursts->bytes, length);
	}
	return file;
}

START_TEST(a_mark_alone_is_proved_soon)
{
	struct endmark mark;

	ck_assert_str_eq(written(&mark, (struct burst[]){{"abc", true}, {"##", true}, {0}}), "abc");
	ck_assert_int_eq(endmark_wait_ms(&mark), ENDMARK_ALONE_MS);
	ck_assert_str_eq(written(&mark, (struct burst[]){{"##", true}, {0}}), "");
	ck_assert_int_eq(endmark_wait_ms(&mark), ENDMARK_ALONE_MS);
}
END_TEST

START_TEST(a_glued_mark_takes_longer)
{
	struct endmark mark;

	ck_assert_str_eq(written(&mark, (struct burst[]){{"abc##", true}, {0}}), "abc");
	ck_assert_int_eq(endmark_wait_ms(&mark), ENDMARK_GLUED_MS);
	ck_assert_str_eq(
		written(&mark, (struct burst[]){{"abc", true}, {"##", false}, {0}}), "abc");
	ck_assert_int_eq(endmark_wait_ms(&mark), ENDMARK_GLUED_MS);
	ck_assert_str_eq(written(&mark, (struct burst[]){{"abc#", true}, {"#", true}, {0}}), "abc");
	ck_assert_int_eq(endmark_wait_ms(&mark), ENDMARK_GLUED_MS);
}
END_TEST

START_TEST(what_is_followed_is_content)
{
	struct endmark mark;

	ck_assert_str_eq(written(&mark, (struct burst[]){{"##", true}, {"##", true}, {0}}), "##");
	ck_assert_int_eq(endmark_wait_ms(&mark), ENDMARK_ALONE_MS);
	ck_assert_str_eq(written(&mark, (struct burst[]){{"a##", true}, {"b", true}, {0}}), "a##b");
	ck_assert_int_eq(endmark_wait_ms(&mark), 0);
	ck_assert_str_eq(written(&mark, (struct burst[]){{"a#", true}, {"b#", true}, {0}}), "a#b");
	ck_assert_int_eq(endmark_wait_ms(&mark), 0);
	ck_assert_str_eq(written(&mark, (struct burst[]){{"##", true}, {"#", true}, {0}}), "#");
	ck_assert_int_eq(endmark_wait_ms(&mark), ENDMARK_GLUED_MS);
	ck_assert_str_eq(
		written(&mark, (struct burst[]){{"#", true}, {"##", true}, {"#", true}, {0}}),
		"##");
}
END_TEST

START_TEST(only_two_bytes_are_the_mark)
{
	struct endmark mark;

	ck_assert_str_eq(written(&mark, (struct burst[]){{"x####", true}, {0}}), "x##");
	ck_assert_str_eq(written(&mark, (struct burst[]){{"#####", true}, {0}}), "###");
	ck_assert_int_eq(mark.kept, 2);
}
END_TEST

SUITE(client_endmark, a_mark_alone_is_proved_soon, a_glued_mark_takes_longer,
	what_is_followed_is_content, only_two_bytes_are_the_mark)
