#include "worker/ftp/telnet.h"

#include "tests/unit/suite.h"

#include <string.h>

#define IAC "\xff"
#define DONT "\xfe"
#define DO "\xfd"
#define WONT "\xfc"
#define WILL "\xfb"
#define SB "\xfa"
#define NOP "\xf1"
#define DM "\xf2"
#define IP "\xf4"
#define SE "\xf0"

enum { SIZE = 64 };

static struct telnet telnet;
static char line[SIZE];

/* The buffer is exactly as long as what came, so that a sanitizer sees a look past its end. */
static enum telnet_outcome feed(const char *raw, size_t length)
{
	char *exact = malloc(length + !length);
	enum telnet_outcome outcome;

	memcpy(exact, raw, length);
	outcome = telnet_line(&telnet, exact, length, line, sizeof(line));
	free(exact);
	return outcome;
}

static void expect_bytes(const char *raw, size_t length, const char *wanted, size_t wanted_length)
{
	ck_assert_int_eq(feed(raw, length), TELNET_LINE);
	ck_assert_uint_eq(telnet.taken, length);
	ck_assert_uint_eq(telnet.length, wanted_length);
	ck_assert_mem_eq(line, wanted, wanted_length + 1);
	for (size_t cut = 0; cut < length; cut++) {
		ck_assert_int_eq(feed(raw, cut), TELNET_UNFINISHED);
		ck_assert_uint_eq(telnet.taken, 0);
	}
}

/* That raw is one line, to the last byte, and no line before that. */
#define expect(raw, wanted) expect_bytes(raw, sizeof(raw) - 1, wanted, sizeof(wanted) - 1)

static void expect_answer(const char *raw, const char *wanted)
{
	ck_assert_int_eq(feed(raw, strlen(raw)), TELNET_LINE);
	ck_assert_uint_eq(telnet.answer_length, strlen(wanted));
	ck_assert_mem_eq(telnet.answer, wanted, telnet.answer_length);
}

START_TEST(a_line_ends_in_lf)
{
	expect("NOOP\r\n", "NOOP");
	expect("NOOP\n", "NOOP");
	expect("\r\n", "");
	expect("\n", "");
	expect("RETR a b \xc3\xa9\r\n", "RETR a b \xc3\xa9");
}
END_TEST

START_TEST(a_cr_alone_is_a_byte_of_the_line)
{
	expect("a\rb\r\n", "a\rb");
	expect("a\r\r\n", "a\r");
	expect("a\r\0b\r\n", "a\rb");
	expect("a\r\0\r\n", "a\r");
	/* CR NUL is CR; what follows it is a line's end of its own. */
	expect("a\r\0\n", "a\r");
	expect("a\r\0\0\n", "a\r\0");
}
END_TEST

START_TEST(a_nul_stays_for_the_caller_to_refuse)
{
	expect("RETR a\0b\r\n", "RETR a\0b");
	expect("\0\r\n", "\0");
}
END_TEST

START_TEST(one_line_at_a_time)
{
	static const char raw[] = "USER a\r\nPASS b\nQUIT\r\nNOO";
	static const char *const lines[] = {"USER a", "PASS b", "QUIT"};
	size_t at = 0;

	for (size_t i = 0; i < 3; i++) {
		ck_assert_int_eq(feed(raw + at, strlen(raw + at)), TELNET_LINE);
		ck_assert_str_eq(line, lines[i]);
		at += telnet.taken;
	}
	ck_assert_str_eq(raw + at, "NOO");
	ck_assert_int_eq(feed(raw + at, 3), TELNET_UNFINISHED);
}
END_TEST

START_TEST(commands_are_left_out_wherever_they_stand)
{
	expect(IAC IP IAC DM "ABOR\r\n", "ABOR");
	expect("AB" IAC NOP "OR\r\n", "ABOR");
	expect("ABOR" IAC IP "\r\n", "ABOR");
	expect("ABOR\r" IAC NOP "\n", "ABOR");
	expect("A" IAC WILL "\x01"
	       "B" IAC DO "\x03"
	       "C\n",
		"ABC");
	expect("A" IAC WONT "\x01"
	       "B" IAC DONT "\x03"
	       "C\n",
		"ABC");
	expect("A" IAC SE "B\n", "AB");
}
END_TEST

START_TEST(no_byte_of_a_command_ends_the_line)
{
	expect("A" IAC DO "\nB\n", "AB");
	expect("A" IAC WILL "\rB\r\n", "AB");
	expect("A" IAC WILL IAC "B\n", "AB");
	expect("A" IAC SB "\x18\r\nx\n" IAC SE "B\n", "AB");
	expect("A" IAC SB "\x18" IAC IAC SE "\n" IAC SE "B\n", "AB");
	expect("A" IAC SB IAC SE "B\n", "AB");
}
END_TEST

START_TEST(a_doubled_255_is_a_byte)
{
	expect("RETR y" IAC IAC "y\r\n", "RETR y\xffy");
	expect(IAC IAC "\n", "\xff");
	expect(IAC IAC IAC IAC "\n", "\xff\xff");
	expect("a\r" IAC IAC "\n", "a\r\xff");
	expect("a" IAC IAC IAC NOP "b\n", "a\xff"
					  "b");
}
END_TEST

START_TEST(a_synch_without_its_data_mark)
{
	/* The data mark came as urgent data, and was lost to us. */
	expect(IAC IP IAC "STAT\r\n", "STAT");
	expect(IAC "ABOR\r\n", "ABOR");
	expect(IAC "\r\n", "");
}
END_TEST

START_TEST(a_255_that_was_not_doubled_is_kept)
{
	expect("RETR y" IAC "y\r\n", "RETR y\xffy");
	expect("RETR y" IAC "\r\n", "RETR y\xff");
	expect("RETR y" IAC "\n", "RETR y\xff");
}
END_TEST

START_TEST(options_are_refused)
{
	expect_answer("NOOP\n", "");
	expect_answer(IAC WILL "\x18"
			       "NOOP\n",
		IAC DONT "\x18");
	expect_answer("NO" IAC DO "\x06"
		      "OP\n",
		IAC WONT "\x06");
	expect_answer(IAC DO "\x06" IAC WILL "\n"
			     "NOOP\n",
		IAC WONT "\x06" IAC DONT "\n");
	/* Else two who refuse would go on for ever. */
	expect_answer(IAC DONT "\x18" IAC WONT "\x18"
			       "NOOP\n",
		"");
}
END_TEST

START_TEST(refusals_over_the_room_are_left_out)
{
	char raw[3 * 100 + 1];

	for (size_t i = 0; i < 100; i++)
		memcpy(raw + 3 * i, (char[]){'\xff', '\xfd', (char)('a' + i % 26)}, 3);
	raw[300] = '\n';
	ck_assert_int_eq(feed(raw, sizeof(raw)), TELNET_LINE);
	ck_assert_uint_eq(telnet.length, 0);
	ck_assert_uint_eq(telnet.answer_length, TELNET_ANSWER);
	ck_assert_mem_eq(telnet.answer + TELNET_ANSWER - 3, IAC WONT "p", 3);
}
END_TEST

START_TEST(a_long_line_is_taken_and_the_next_one_is_whole)
{
	char raw[4 * SIZE];

	for (size_t length = SIZE - 2; length < 2 * SIZE; length++) {
		memset(raw, 'x', length);
		memcpy(raw + length, "\r\nNOOP\r\n", 8);
		ck_assert_int_eq(
			feed(raw, length + 8), length < SIZE ? TELNET_LINE : TELNET_TOO_LONG);
		ck_assert_uint_eq(telnet.taken, length + 2);
		ck_assert_uint_eq(strlen(line), length < SIZE ? length : SIZE - 1);
		ck_assert_uint_eq(telnet.length, strlen(line));
		ck_assert_int_eq(feed(raw + telnet.taken, 6), TELNET_LINE);
		ck_assert_str_eq(line, "NOOP");
	}
}
END_TEST

SUITE(ftp_telnet, a_line_ends_in_lf, a_cr_alone_is_a_byte_of_the_line,
	a_nul_stays_for_the_caller_to_refuse, one_line_at_a_time,
	commands_are_left_out_wherever_they_stand, no_byte_of_a_command_ends_the_line,
	a_doubled_255_is_a_byte, a_synch_without_its_data_mark, a_255_that_was_not_doubled_is_kept,
	options_are_refused, refusals_over_the_room_are_left_out,
	a_long_line_is_taken_and_the_next_one_is_whole)
