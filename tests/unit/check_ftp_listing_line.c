#include "worker/ftp/listing_line.h"

#include "tests/unit/suite.h"

#include <regex.h>
#include <string.h>
#include <time.h>

enum { DAY = 86400, HALF_YEAR = 15778476 };

static const int64_t now = 1700000000; /* 2023-11-14 22:13:20 UTC */

static const char *line_of(const struct store_file *file)
{
	static char text[LISTING_LINE + 1];
	size_t length = listing_line_write(text, file, now);

	ck_assert_uint_le(length, LISTING_LINE);
	text[length] = '\0';
	return text;
}

static const char *with_mode(mode_t mode, bool directory)
{
	struct store_file file = {.mode = mode, .directory = directory};
	static char column[11];

	memcpy(column, line_of(&file), 10);
	return column;
}

static const char *with_time(int64_t seconds)
{
	struct store_file file = {.mtime = seconds};
	static char column[14];
	const char *line = line_of(&file);

	strcpy(column, line + strlen(line) - 13);
	return column;
}

START_TEST(lines_are_those_of_ls)
{
	struct store_file file = {.mode = 0644, .links = 1, .size = 1234, .mtime = now};

	ck_assert_str_eq(
		line_of(&file), "-rw-r--r--    1 ftp      ftp          1234 Nov 14 22:13 ");
	file = (struct store_file){
		.directory = true, .mode = 0755, .links = 12, .size = 4096, .mtime = 0};
	ck_assert_str_eq(
		line_of(&file), "drwxr-xr-x   12 ftp      ftp          4096 Jan  1  1970 ");
}
END_TEST

START_TEST(wide_numbers_push_the_rest)
{
	struct store_file file = {.links = UINT32_MAX, .size = INT64_MAX, .mtime = now};

	ck_assert_str_eq(line_of(&file),
		"---------- 4294967295 ftp      ftp      9223372036854775807 Nov 14 22:13 ");
	file = (struct store_file){.links = 99999, .size = 99999999, .mtime = now};
	ck_assert_str_eq(
		line_of(&file), "---------- 99999 ftp      ftp      99999999 Nov 14 22:13 ");
}
END_TEST

START_TEST(modes_are_told_as_ls_does)
{
	ck_assert_str_eq(with_mode(0, false), "----------");
	ck_assert_str_eq(with_mode(0777, true), "drwxrwxrwx");
	ck_assert_str_eq(with_mode(0124, false), "---x-w-r--");
	ck_assert_str_eq(with_mode(04755, false), "-rwsr-xr-x");
	ck_assert_str_eq(with_mode(04644, false), "-rwSr--r--");
	ck_assert_str_eq(with_mode(02755, true), "drwxr-sr-x");
	ck_assert_str_eq(with_mode(02644, false), "-rw-r-Sr--");
	ck_assert_str_eq(with_mode(01777, true), "drwxrwxrwt");
	ck_assert_str_eq(with_mode(01776, true), "drwxrwxrwT");
	ck_assert_str_eq(with_mode(07000, false), "---S--S--T");
}
END_TEST

START_TEST(old_and_future_times_have_a_year)
{
	ck_assert_str_eq(with_time(now), "Nov 14 22:13 ");
	ck_assert_str_eq(with_time(now + 1), "Nov 14  2023 ");
	ck_assert_str_eq(with_time(now + DAY), "Nov 15  2023 ");
	ck_assert_str_eq(with_time(now - 10 * DAY), "Nov  4 22:13 ");
	ck_assert_str_eq(with_time(now - HALF_YEAR + 1), "May 16 07:18 ");
	ck_assert_str_eq(with_time(now - HALF_YEAR), "May 16  2023 ");
	ck_assert_str_eq(with_time(951782400), "Feb 29  2000 ");
	ck_assert_str_eq(with_time(-1), "Dec 31  1969 ");
	ck_assert_str_eq(with_time(-2208988800), "Jan  1  1900 ");
}
END_TEST

START_TEST(times_no_calendar_has_still_make_a_line)
{
	ck_assert_str_eq(with_time(INT64_MAX), "Dec 31  9999 ");
	ck_assert_uint_eq(strlen(with_time(INT64_MIN)), 13);
}
END_TEST

START_TEST(names_that_break_lines_are_told)
{
	ck_assert(listing_line_holds(""));
	ck_assert(listing_line_holds("a b\t\x01\xff"));
	ck_assert(!listing_line_holds("\n"));
	ck_assert(!listing_line_holds("a\rb"));
	ck_assert(!listing_line_holds("a\n"));
}
END_TEST

/* ---- what is written can be read ---- */

/* The strictest reader of such lines that would still read those of ls. */
static const char grammar[] = "^([-d])([-r][-w][-xsS][-r][-w][-xsS][-r][-w][-xtT]) +([0-9]+) "
			      "ftp      ftp      +([0-9]+) ([A-Z][a-z][a-z]) ([ 123][0-9]) "
			      "(([012][0-9]:[0-5][0-9])|( [0-9]{4})) $";

/* The text of the n-th brackets, in a buffer used again by the next call but three. */
static const char *matched(const char *line, const regmatch_t *matches, int n)
{
	static char texts[4][32];
	static unsigned int next;
	char *text = texts[next++ % 4];
	size_t length = (size_t)(matches[n].rm_eo - matches[n].rm_so);

	ck_assert_uint_lt(length, sizeof(texts[0]));
	memcpy(text, line + matches[n].rm_so, length);
	text[length] = '\0';
	return text;
}

static mode_t mode_read(const char *letters)
{
	mode_t mode = 0;

	for (int i = 0; i < 9; i++)
		if (letters[i] != '-' && letters[i] != 'S' && letters[i] != 'T')
			mode |= 0400u >> i;
	mode |= strchr("sS", letters[2]) ? 04000 : 0;
	mode |= strchr("sS", letters[5]) ? 02000 : 0;
	mode |= strchr("tT", letters[8]) ? 01000 : 0;
	return mode;
}

/* As clients do: a date without a year is the last such date that has been. */
static void expect_time(const char *line, const regmatch_t *matches, int64_t seconds)
{
	char text[64];
	struct tm broken = {0};
	time_t moment = (time_t)seconds;

	ck_assert_ptr_nonnull(gmtime_r(&moment, &broken));
	ck_assert_uint_gt(strftime(text, sizeof(text), "%b", &broken), 0);
	ck_assert_str_eq(matched(line, matches, 5), text);
	ck_assert_int_eq(atoi(matched(line, matches, 6)), broken.tm_mday);
	if (matches[9].rm_so >= 0) {
		ck_assert_int_eq(atoi(matched(line, matches, 9)), broken.tm_year + 1900);
		return;
	}
	ck_assert_uint_gt(strftime(text, sizeof(text), "%H:%M", &broken), 0);
	ck_assert_str_eq(matched(line, matches, 8), text);
	ck_assert(seconds <= now && seconds > now - HALF_YEAR);
}

static uint64_t noise(void)
{
	static uint64_t state = 88172645463325252ull;

	state ^= state << 13;
	state ^= state >> 7;
	return state ^= state << 17;
}

/* Times around now, and in all years that have four digits. */
static int64_t some_time(void)
{
	int64_t first = -62135596800; /* the year 1 */

	return noise() % 2 ? now - HALF_YEAR - DAY + (int64_t)(noise() % (HALF_YEAR + 2 * DAY))
			   : first + (int64_t)(noise() % (9998ull * 365 * DAY));
}

START_TEST(lines_read_back_as_what_they_tell)
{
	regex_t reader;
	regmatch_t matches[10];

	ck_assert_int_eq(regcomp(&reader, grammar, REG_EXTENDED), 0);
	for (int i = 0; i < 20000; i++) {
		struct store_file file = {.directory = noise() % 2,
			.mode = noise() % 010000,
			.links = (uint32_t)(noise() >> (32 + noise() % 32)),
			.size = (int64_t)(noise() >> (1 + noise() % 63)),
			.mtime = some_time()};
		const char *line = line_of(&file);

		ck_assert_msg(regexec(&reader, line, 10, matches, 0) == 0, "'%s'", line);
		ck_assert_int_eq(line[0] == 'd', file.directory);
		ck_assert_uint_eq(mode_read(matched(line, matches, 2)), file.mode);
		ck_assert_uint_eq(strtoull(matched(line, matches, 3), NULL, 10), file.links);
		ck_assert_int_eq(strtoll(matched(line, matches, 4), NULL, 10), file.size);
		expect_time(line, matches, file.mtime);
	}
	regfree(&reader);
}
END_TEST

SUITE(ftp_listing_line, lines_are_those_of_ls, wide_numbers_push_the_rest,
	modes_are_told_as_ls_does, old_and_future_times_have_a_year,
	times_no_calendar_has_still_make_a_line, names_that_break_lines_are_told,
	lines_read_back_as_what_they_tell)
