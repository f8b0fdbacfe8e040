#include "common/log.h"

#include "tests/unit/suite.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { LONGEST = 8192 };

/* A datagram is what one write(2) wrote. */
static int listening_log(void)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, ends), 0);
	ck_assert_int_eq(log_adopt(ends[1]), 0);
	close(ends[1]);
	return ends[0];
}

/* The next line, its \n taken off; "" when there is none. */
static const char *next_line(int log)
{
	static char line[LONGEST];
	ssize_t got = recv(log, line, sizeof(line) - 1, 0);

	if (got < 0)
		return "";
	ck_assert_int_gt(got, 0);
	ck_assert_int_eq(line[got - 1], '\n');
	line[got - 1] = '\0';
	ck_assert_uint_eq(strlen(line), (size_t)got - 1);
	ck_assert_ptr_null(strchr(line, '\n'));
	return line;
}

START_TEST(one_event_is_one_line_in_one_write)
{
	int log = listening_log();
	const char *line;

	log_warning("session: closed", "session=%d.%d reason=%s", 3, 17, "idle");
	line = next_line(log);
	/* "2026-11-23T22:54:11.123Z warning session: …" */
	ck_assert_uint_gt(strlen(line), 24);
	ck_assert_str_eq(line + 24, " warning session: closed session=3.17 reason=idle");
	log_error("worker: died", "");
	ck_assert_str_eq(next_line(log) + 24, " error   worker: died");
	ck_assert_str_eq(next_line(log), "");
}
END_TEST

START_TEST(journal_has_priorities_and_no_time)
{
	int log = listening_log();

	log_setup(LOG_LEVEL_DEBUG, LOG_STYLE_JOURNAL);
	log_error("a: b", "");
	ck_assert_str_eq(next_line(log), "<3>a: b");
	log_warning("a: b", "c=%d", 1);
	ck_assert_str_eq(next_line(log), "<4>a: b c=1");
	log_info("a: b", "");
	ck_assert_str_eq(next_line(log), "<6>a: b");
	log_debug("a: b", "");
	ck_assert_str_eq(next_line(log), "<7>a: b");
}
END_TEST

START_TEST(each_level_includes_the_ones_before)
{
	int log = listening_log();

	for (int level = LOG_LEVEL_ERROR; level <= LOG_LEVEL_DEBUG; level++) {
		log_setup((enum log_level)level, LOG_STYLE_JOURNAL);
		for (int event = LOG_LEVEL_ERROR; event <= LOG_LEVEL_DEBUG; event++) {
			log_event((enum log_level)event, "a: b", "");
			ck_assert((next_line(log)[0] != '\0') == (event <= level));
		}
	}
}
END_TEST

START_TEST(info_is_told_unless_said_otherwise)
{
	int log = listening_log();

	log_info("a: b", "");
	ck_assert_str_ne(next_line(log), "");
	log_debug("a: b", "");
	ck_assert_str_eq(next_line(log), "");
}
END_TEST

START_TEST(long_event_is_cut_and_stays_one_line)
{
	static char value[3 * LONGEST];
	int log = listening_log();

	for (size_t length = 1900; length < 2200; length++) {
		memset(value, 'x', length);
		value[length] = '\0';
		log_info("a: b", "value=%s", value);
		ck_assert_ptr_nonnull(strstr(next_line(log), "a: b value=xxx"));
		log_info(value, "");
		ck_assert_str_ne(next_line(log), "");
		log_info(value, "value=%s", value);
		ck_assert_str_ne(next_line(log), "");
	}
	memset(value, 'x', sizeof(value) - 1);
	log_info(value, "%s", value);
	ck_assert_uint_gt(strlen(next_line(log)), 1000);
	ck_assert_str_eq(next_line(log), "");
}
END_TEST

START_TEST(errno_is_left_alone)
{
	int log = listening_log();

	errno = EDOM;
	log_info("a: b", "");
	ck_assert_int_eq(errno, EDOM);
	/* Nobody reads any more: there is nowhere to say so. */
	signal(SIGPIPE, SIG_IGN);
	close(log);
	errno = EDOM;
	log_info("a: b", "");
	ck_assert_int_eq(errno, EDOM);
}
END_TEST

START_TEST(adopts_a_copy)
{
	int first = listening_log(), second, descriptor = log_descriptor();

	ck_assert_int_gt(descriptor, STDERR_FILENO);
	ck_assert(fcntl(descriptor, F_GETFD) & FD_CLOEXEC);
	log_info("a: first", "");
	second = listening_log();
	log_info("a: second", "");
	ck_assert_ptr_nonnull(strstr(next_line(first), "a: first"));
	ck_assert_str_eq(next_line(first), "");
	ck_assert_ptr_nonnull(strstr(next_line(second), "a: second"));
	ck_assert(fcntl(log_descriptor(), F_GETFD) & FD_CLOEXEC);
	ck_assert_int_eq(log_adopt(-1), -EBADF);
	log_info("a: third", "");
	ck_assert_ptr_nonnull(strstr(next_line(second), "a: third"));
}
END_TEST

START_TEST(starts_with_standard_error)
{
	ck_assert_int_eq(log_descriptor(), STDERR_FILENO);
}
END_TEST

enum { WRITERS = 4, LINES = 500 };

static void *write_lines(void *writer)
{
	for (int i = 0; i < LINES; i++)
		log_info("a: b", "writer=%d line=%d end", *(int *)writer, i);
	return NULL;
}

/* Lines of threads that go on while the log moves from file to file: all there, all whole. */
START_TEST(no_line_is_lost_when_the_log_moves)
{
	static int numbers[WRITERS] = {0, 1, 2, 3};
	FILE *files[WRITERS];
	pthread_t threads[WRITERS];
	char line[200];
	int lines = 0;

	for (int i = 0; i < WRITERS; i++) {
		files[i] = tmpfile();
		ck_assert_int_eq(fcntl(fileno(files[i]), F_SETFL, O_APPEND), 0);
	}
	ck_assert_int_eq(log_adopt(fileno(files[0])), 0);
	for (int i = 0; i < WRITERS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, write_lines, &numbers[i]), 0);
	for (int i = 0; i < 400; i++)
		ck_assert_int_eq(log_adopt(fileno(files[i % WRITERS])), 0);
	for (int i = 0; i < WRITERS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < WRITERS; i++) {
		rewind(files[i]);
		while (fgets(line, sizeof(line), files[i])) {
			ck_assert_msg(strlen(line) > 24 &&
					      !strncmp(line + 24, " info    a: b wr", 16) &&
					      strstr(line, " end\n"),
				"half a line: %s", line);
			lines++;
		}
		fclose(files[i]);
	}
	ck_assert_int_eq(lines, WRITERS * LINES);
}
END_TEST

static void expect_quoted(const char *bytes, size_t length, const char *quoted)
{
	char out[LOG_QUOTED];

	ck_assert_ptr_eq(log_quote(out, bytes, length), out);
	ck_assert_str_eq(out, quoted);
}

START_TEST(plain_text_and_utf8_stay)
{
	static const char *const texts[] = {"", "a file.txt", "~!@#$%^&*()", "文件库.txt", "é",
		"\xc2\xa0", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
		"\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "😀"};
	char wanted[100];

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		snprintf(wanted, sizeof(wanted), "\"%s\"", texts[i]);
		expect_quoted(texts[i], strlen(texts[i]), wanted);
	}
}
END_TEST

START_TEST(what_could_forge_a_line_is_escaped)
{
	/* Letter by letter: compilers would warn of what they are meant to show. */
	static const char turns[] = {'\xe2', '\x80', '\xae', 't', 'x', 't'};
	static const char isolates[] = {'\xe2', '\x81', '\xa6'};

	expect_quoted("a\nb\r\t\0\x1b\x7f", 8, "\"a\\x0ab\\x0d\\x09\\x00\\x1b\\x7f\"");
	expect_quoted("\"\\", 2, "\"\\x22\\x5c\"");
	/* U+0080 to U+009F: a terminal obeys them. */
	expect_quoted("\xc2\x80\xc2\x9b\xc2\x9f", 6, "\"\\xc2\\x80\\xc2\\x9b\\xc2\\x9f\"");
	/* Lines that end, and texts that turn round, for who reads them in an editor. */
	expect_quoted("a\xe2\x80\xa8", 4, "\"a\\xe2\\x80\\xa8\"");
	expect_quoted(turns, sizeof(turns), "\"\\xe2\\x80\\xaetxt\"");
	expect_quoted(isolates, sizeof(isolates), "\"\\xe2\\x81\\xa6\"");
	expect_quoted("\xd8\x9c", 2, "\"\\xd8\\x9c\"");
}
END_TEST

START_TEST(malformed_utf8_is_escaped)
{
	static const struct {
		const char *bytes, *quoted;
	} rows[] = {{"\x80", "\"\\x80\""},
		{"\xff"
		 "a",
			"\"\\xffa\""},
		{"\xc3", "\"\\xc3\""},
		{"\xc3"
		 "a",
			"\"\\xc3a\""},
		{"\xc0\xaf", "\"\\xc0\\xaf\""}, {"\xe0\x80\xaf", "\"\\xe0\\x80\\xaf\""},
		{"\xe6\x96", "\"\\xe6\\x96\""}, {"\xed\xa0\x80", "\"\\xed\\xa0\\x80\""},
		{"\xf0\x80\x80\xaf", "\"\\xf0\\x80\\x80\\xaf\""},
		{"\xf4\x90\x80\x80", "\"\\xf4\\x90\\x80\\x80\""},
		{"\xf5\x80\x80\x80", "\"\\xf5\\x80\\x80\\x80\""},
		{"\xe6\x96\xe6\x96\x87", "\"\\xe6\\x96文\""}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect_quoted(rows[i].bytes, strlen(rows[i].bytes), rows[i].quoted);
	/* The rest of the character is outside. */
	expect_quoted("文", 2, "\"\\xe6\\x96\"");
}
END_TEST

START_TEST(long_value_is_cut_and_says_so)
{
	static const char *const units[] = {"x", "\n", "文", "😀", "\xff"};
	char bytes[4 * LOG_QUOTED], out[LOG_QUOTED];

	for (size_t u = 0; u < sizeof(units) / sizeof(units[0]); u++) {
		size_t unit = strlen(units[u]);

		for (size_t count = 1; count * unit < sizeof(bytes); count++) {
			size_t length;

			memcpy(bytes + (count - 1) * unit, units[u], unit);
			memset(out, 'Z', sizeof(out));
			log_quote(out, bytes, count * unit);
			ck_assert_ptr_nonnull(memchr(out, '\0', sizeof(out)));
			length = strlen(out);
			ck_assert(out[0] == '"' && out[length - 1] == '"');
			if (strstr(out, "…"))
				ck_assert_str_eq(out + length - 4, "…\"");
			else
				ck_assert_uint_ge(length, 2 + count * (unit == 1 ? 1 : unit));
		}
		ck_assert_ptr_nonnull(strstr(out, "…\""));
	}
}
END_TEST

START_TEST(any_bytes_become_one_harmless_value)
{
	char bytes[LOG_QUOTED], out[LOG_QUOTED];

	for (int round = 0; round < 20000; round++) {
		size_t length = (size_t)random() % sizeof(bytes);

		for (size_t i = 0; i < length; i++)
			bytes[i] = (char)random();
		log_quote(out, bytes, length);
		for (const unsigned char *p = (unsigned char *)out; *p; p++)
			ck_assert(*p >= ' ' && *p != 0x7f && !(*p == 0xc2 && p[1] < 0xa0));
		ck_assert_ptr_eq(strchr(out + 1, '"'), out + strlen(out) - 1);
	}
}
END_TEST

SUITE(log, one_event_is_one_line_in_one_write, journal_has_priorities_and_no_time,
	each_level_includes_the_ones_before, info_is_told_unless_said_otherwise,
	long_event_is_cut_and_stays_one_line, errno_is_left_alone, adopts_a_copy,
	starts_with_standard_error, no_line_is_lost_when_the_log_moves, plain_text_and_utf8_stay,
	what_could_forge_a_line_is_escaped, malformed_utf8_is_escaped,
	long_value_is_cut_and_says_so, any_bytes_become_one_harmless_value)
