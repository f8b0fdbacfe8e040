#include "supervisor/crashes.h"

#include "tests/unit/quiet_log.h"
#include "tests/unit/suite.h"

#include <errno.h>
#include <string.h>

enum { WORKERS = 2, ROWS = 40, SLOT = 1 };

static struct board board;
static struct crashes crashes;

static void open_board(void)
{
	quiet_log();
	ck_assert_int_eq(board_open(&board, WORKERS, ROWS), 0);
}

static void open_session(uint32_t row, const char *command, const char *path)
{
	struct board_activity activity = {.number = row, .bytes_total = -1};

	activity.command_since_ms = command[0] != '\0';
	snprintf(activity.command, sizeof(activity.command), "%s", command);
	snprintf(activity.path, sizeof(activity.path), "%s", path);
	board_session_open(board_session(&board, SLOT, row), &activity);
	atomic_store(&board.workers[SLOT].rows_used, row + 1);
}

static void crash_by(int signal_number, int words)
{
	const struct crash facts = {
		.worker = SLOT, .pid = 7, .signal = signal_number, .age_ms = 1500};

	crashes_note(&crashes, &facts, &board, words);
}

static json_t *newest(json_t *report)
{
	return json_array_get(json_object_get(report, "crashes"), 0);
}

static const char *text_of(json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

START_TEST(sessions_and_last_words_are_told)
{
	int words = crashes_open_words();
	json_t *report, *told;

	open_board();
	ck_assert_int_ge(words, 0);
	ck_assert_int_eq(pwrite(words, "one\ntwo\n", 8, 0), 8);
	open_session(0, "", "");
	open_session(1, "RETR", "/a\nb");
	crash_by(SIGSEGV, words);
	report = crashes_report(&crashes);
	ck_assert_int_eq(json_integer_value(json_object_get(newest(report), "signal")), SIGSEGV);
	ck_assert_int_eq(json_integer_value(json_object_get(newest(report), "sessions")), 2);
	told = json_array_get(json_object_get(newest(report), "told"), 0);
	ck_assert_str_eq(text_of(told, "session"), "1.1");
	ck_assert_str_eq(text_of(told, "command"), "RETR");
	ck_assert_str_eq(text_of(told, "path"), "/a\\x0ab");
	told = json_object_get(newest(report), "words");
	ck_assert_uint_eq(json_array_size(told), 2);
	ck_assert_str_eq(json_string_value(json_array_get(told, 1)), "two");
	json_decref(report);
	crashes_close(&crashes);
	close(words);
}
END_TEST

START_TEST(the_busy_are_told_of_before_the_idle)
{
	json_t *report, *told;

	open_board();
	for (uint32_t i = 0; i < ROWS; i++)
		open_session(i, i < ROWS - CRASH_SESSIONS ? "" : "STOR", "/x");
	crash_by(SIGABRT, -1);
	report = crashes_report(&crashes);
	told = json_object_get(newest(report), "told");
	ck_assert_int_eq(json_integer_value(json_object_get(newest(report), "sessions")), ROWS);
	ck_assert_uint_eq(json_array_size(told), CRASH_SESSIONS);
	for (size_t i = 0; i < CRASH_SESSIONS; i++)
		ck_assert_str_eq(text_of(json_array_get(told, i), "command"), "STOR");
	json_decref(report);
	crashes_close(&crashes);
}
END_TEST

START_TEST(the_last_ones_are_kept)
{
	json_t *report;

	open_board();
	for (int i = 1; i <= CRASHES_KEPT + 2; i++)
		crash_by(i, -1);
	report = crashes_report(&crashes);
	ck_assert_uint_eq(json_array_size(json_object_get(report, "crashes")), CRASHES_KEPT);
	ck_assert_int_eq(json_integer_value(json_object_get(report, "count")), CRASHES_KEPT + 2);
	ck_assert_int_eq(
		json_integer_value(json_object_get(newest(report), "signal")), CRASHES_KEPT + 2);
	json_decref(report);
	crashes_close(&crashes);
}
END_TEST

/* A worker that somebody took over may write as much as it likes. */
START_TEST(last_words_have_an_end)
{
	int words = crashes_open_words();
	static char much[2 * CRASH_WORDS];

	memset(much, 'x', sizeof(much));
	ck_assert_int_eq(pwrite(words, much, sizeof(much), 0), CRASH_WORDS);
	ck_assert_int_eq(pwrite(words, much, 1, CRASH_WORDS), -1);
	ck_assert_int_eq(ftruncate(words, sizeof(much)), -1);
	open_board();
	crash_by(SIGBUS, words);
	json_decref(crashes_report(&crashes));
	crashes_close(&crashes);
	close(words);
}
END_TEST

START_TEST(the_next_program_knows_of_them)
{
	json_t *before, *after;
	int memory;

	open_board();
	open_session(0, "STOR", "/x");
	for (int i = 1; i <= CRASHES_KEPT + 2; i++)
		crash_by(i, -1);
	before = crashes_report(&crashes);
	memory = crashes_pack(&crashes);
	ck_assert_int_ge(memory, 0);
	crashes_close(&crashes);
	crashes_unpack(&crashes, memory);
	after = crashes_report(&crashes);
	ck_assert(json_equal(before, after));
	crashes_close(&crashes);
	/* What is cut short, or none at all, is passed over. */
	ck_assert_int_eq(ftruncate(memory, sizeof(struct crash)), 0);
	crashes_unpack(&crashes, memory);
	ck_assert_uint_eq(crashes.count, 0);
	ck_assert_int_eq(ftruncate(memory, 0), 0);
	crashes_unpack(&crashes, memory);
	ck_assert_uint_eq(crashes.count, 0);
	json_decref(before);
	json_decref(after);
	close(memory);
}
END_TEST

SUITE(crashes, sessions_and_last_words_are_told, the_busy_are_told_of_before_the_idle,
	the_last_ones_are_kept, last_words_have_an_end, the_next_program_knows_of_them)
