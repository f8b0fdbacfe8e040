#include "worker/transcript.h"

#include "tests/unit/engine_setup.h"
#include "tests/unit/suite.h"

static struct session session;
static char got[TRANSCRIPT_LINES + 1][TRANSCRIPT_LONGEST + 1];
static size_t count;

static void take(void *context, const struct transcript_line *line)
{
	(void)context;
	ck_assert_uint_lt(count, TRANSCRIPT_LINES + 1);
	ck_assert_uint_le(line->length, TRANSCRIPT_LONGEST);
	memcpy(got[count], line->text, line->length);
	got[count++][line->length] = '\0';
}

static void read_all(void)
{
	count = 0;
	transcript_each(&session, take, NULL);
}

static void set_up(void)
{
	engine_set_up(1);
	session = (struct session){.engine = &engine};
}

static void say(const char *line)
{
	transcript_note(&session, FROM_CLIENT, line, strlen(line));
}

START_TEST(nothing_was_said)
{
	set_up();
	read_all();
	ck_assert_uint_eq(count, 0);
	ck_assert_ptr_null(session.transcript);
	transcript_close(&session);
}
END_TEST

START_TEST(the_last_64_lines_are_kept)
{
	char line[20];

	set_up();
	for (int i = 0; i < 1000; i++) {
		snprintf(line, sizeof(line), "line %d", i);
		say(line);
		read_all();
		ck_assert_uint_eq(count, i < TRANSCRIPT_LINES ? (size_t)i + 1 : TRANSCRIPT_LINES);
		ck_assert_str_eq(got[count - 1], line);
	}
	ck_assert_str_eq(got[0], "line 936");
	transcript_close(&session);
}
END_TEST

START_TEST(the_longest_lines_fit_and_longer_ones_are_cut)
{
	char line[TRANSCRIPT_LONGEST + 100];

	set_up();
	for (int i = 0; i < 200; i++) {
		memset(line, 'a' + i % 26, sizeof(line));
		transcript_note(&session, TO_CLIENT, line, sizeof(line));
	}
	read_all();
	ck_assert_uint_eq(count, TRANSCRIPT_LINES);
	for (size_t i = 0; i < count; i++) {
		ck_assert_uint_eq(strlen(got[i]), TRANSCRIPT_LONGEST);
		ck_assert_int_eq(got[i][0], 'a' + (200 - TRANSCRIPT_LINES + (int)i) % 26);
		ck_assert_int_eq(got[i][TRANSCRIPT_LONGEST - 1], got[i][0]);
	}
	transcript_close(&session);
}
END_TEST

/* Of all lengths, against a plain array. */
START_TEST(as_a_plain_list_would)
{
	static char said[3000][TRANSCRIPT_LONGEST + 1];

	set_up();
	for (size_t i = 0; i < 3000; i++) {
		size_t length = (size_t)random() % (i % 3 ? 30 : TRANSCRIPT_LONGEST + 1);

		memset(said[i], 'a' + (int)(random() % 26), length);
		transcript_note(&session, FROM_CLIENT, said[i], length);
		read_all();
		ck_assert_uint_eq(count, i < TRANSCRIPT_LINES ? i + 1 : TRANSCRIPT_LINES);
		for (size_t k = 0; k < count; k++)
			ck_assert_str_eq(got[k], said[i + 1 - count + k]);
	}
	transcript_close(&session);
}
END_TEST

START_TEST(last_words_need_no_memory)
{
	char text[4000] = "";
	int ends[2];

	set_up();
	ck_assert_int_eq(pipe(ends), 0);
	transcript_cry(&session, ends[1]);
	for (int i = 0; i < 20; i++) {
		snprintf(text, sizeof(text), "line %d\x1b", i);
		say(text);
	}
	transcript_note(&session, TO_CLIENT, "the last", 8);
	transcript_cry(&session, ends[1]);
	ck_assert_int_gt(read(ends[0], text, sizeof(text) - 1), 0);
	ck_assert_ptr_nonnull(strstr(text, "  client: line 13?\n"));
	ck_assert_ptr_null(strstr(text, "line 12"));
	ck_assert_ptr_nonnull(strstr(text, "  server: the last\n"));
	transcript_close(&session);
}
END_TEST

SUITE(transcript, nothing_was_said, the_last_64_lines_are_kept,
	the_longest_lines_fit_and_longer_ones_are_cut, as_a_plain_list_would,
	last_words_need_no_memory)
