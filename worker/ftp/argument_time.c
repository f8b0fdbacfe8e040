#include "worker/ftp/argument.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

enum { DATE_DIGITS = 8, MINUTE_DIGITS = 12, SECOND_DIGITS = 14, DAY_SECONDS = 86400 };

/* The C library's own calendar looks for the machine's time zone first. This one counts years from
 * March, so that the day that is not always there is the last one. */

/* Of 400 years, after which the calendar is the same again. */
enum { CYCLE_YEARS = 400, CYCLE_DAYS = 146097 };

/* Days from 1 March of the year 0 to 1 January 1970. */
enum { EPOCH_DAYS = 719468 };

/* Days from 1 March of the year 0 to that day; year from -1 on. */
static int64_t days_of(int year, int month, int day)
{
	if (month < 3) {
		month += 12;
		year--;
	}
	year += CYCLE_YEARS;
	return 365 * (int64_t)year + year / 4 - year / 100 + year / 400 +
	       (153 * (month - 3) + 2) / 5 + day - 1 - CYCLE_DAYS;
}

static bool is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in_month(int year, int month)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

static int two_digits(const char *text)
{
	return (text[0] - '0') * 10 + text[1] - '0';
}

/* Of 12 or 14 digits, which have been counted. 60 seconds are a leap second (RFC 3659 2.3): the
 * one after, to a clock that knows none. */
static int read_digits(int64_t *unix_seconds, const char *text, size_t digits)
{
	int year = two_digits(text) * 100 + two_digits(text + 2);
	int month = two_digits(text + 4), day = two_digits(text + 6);
	int hour = two_digits(text + 8), minute = two_digits(text + 10);
	int second = digits == SECOND_DIGITS ? two_digits(text + 12) : 0;

	if (month < 1 || month > 12 || day < 1 || day > days_in_month(year, month))
		return -EINVAL;
	if (hour > 23 || minute > 59 || second > 60)
		return -EINVAL;
	*unix_seconds = (days_of(year, month, day) - EPOCH_DAYS) * DAY_SECONDS + hour * 3600 +
			minute * 60 + second;
	return 0;
}

static size_t count_digits(const char *text)
{
	return strspn(text, "0123456789");
}

/* Reads 14 digits and a fraction; *end behind them. */
static int read_time(int64_t *unix_seconds, const char *text, const char **end)
{
	const char *behind = text + SECOND_DIGITS;

	if (count_digits(text) != SECOND_DIGITS)
		return -EINVAL;
	if (*behind == '.') {
		size_t fraction = count_digits(behind + 1);

		if (fraction == 0)
			return -EINVAL;
		behind += 1 + fraction;
	}
	*end = behind;
	return read_digits(unix_seconds, text, SECOND_DIGITS);
}

int argument_time(int64_t *unix_seconds, const char *text)
{
	const char *end;
	int64_t found;

	if (read_time(&found, text, &end) < 0 || *end)
		return -EINVAL;
	*unix_seconds = found;
	return 0;
}

int argument_time_path(int64_t *unix_seconds, const char **path, const char *text)
{
	const char *end;
	int64_t found;

	if (read_time(&found, text, &end) < 0 || end[0] != ' ' || !end[1])
		return -EINVAL;
	*unix_seconds = found;
	*path = end + 1;
	return 0;
}

/* "path ATIME MTIME CTIME UTC": three times 14 digits and a word, with a blank before each. */
static int utime_behind(
	int64_t *unix_seconds, const char **path, size_t *path_length, const char *text)
{
	enum { FIELD = 1 + SECOND_DIGITS, TAIL = 3 * FIELD + 4 };
	size_t length = strlen(text);
	const char *tail;

	if (length <= TAIL || strcasecmp(text + length - 4, " UTC") != 0)
		return -EINVAL;
	tail = text + length - TAIL;
	for (size_t i = 0; i < 3; i++) {
		int64_t seconds;

		if (tail[i * FIELD] != ' ' || count_digits(tail + i * FIELD + 1) != SECOND_DIGITS ||
			read_digits(&seconds, tail + i * FIELD + 1, SECOND_DIGITS) < 0)
			return -EINVAL;
	}
	*path = text;
	*path_length = length - TAIL;
	return read_digits(unix_seconds, tail + FIELD + 1, SECOND_DIGITS);
}

int argument_utime(int64_t *unix_seconds, const char **path, size_t *path_length, const char *text)
{
	size_t digits = count_digits(text);
	int64_t found;

	if (utime_behind(unix_seconds, path, path_length, text) == 0)
		return 0;
	if ((digits != MINUTE_DIGITS && digits != SECOND_DIGITS) || text[digits] != ' ' ||
		!text[digits + 1] || read_digits(&found, text, digits) < 0)
		return -EINVAL;
	*unix_seconds = found;
	*path = text + digits + 1;
	*path_length = strlen(*path);
	return 0;
}

/* The last digit first. */
static void write_digits(char *text, int digits, int64_t number)
{
	while (digits-- > 0) {
		text[digits] = (char)('0' + number % 10);
		number /= 10;
	}
}

/* What days_of read: the days left from 1 March of a year on. */
static void write_date(char *text, int64_t days)
{
	int year = (int)((days + CYCLE_DAYS) * CYCLE_YEARS / CYCLE_DAYS) - CYCLE_YEARS;
	int month, left;

	if (days_of(year, 3, 1) > days)
		year--;
	else if (days_of(year + 1, 3, 1) <= days)
		year++;
	left = (int)(days - days_of(year, 3, 1));
	month = (5 * left + 2) / 153;
	left -= (153 * month + 2) / 5;
	month += 3;
	if (month > 12) {
		month -= 12;
		year++;
	}
	write_digits(text, 4, year);
	write_digits(text + 4, 2, month);
	write_digits(text + 6, 2, left + 1);
}

char *argument_time_text(int64_t unix_seconds, char text[ARGUMENT_TIME])
{
	int64_t first = (days_of(0, 1, 1) - EPOCH_DAYS) * DAY_SECONDS;
	int64_t last = (days_of(10000, 1, 1) - EPOCH_DAYS) * DAY_SECONDS - 1;
	int64_t seconds, days;

	if (unix_seconds < first)
		unix_seconds = first;
	if (unix_seconds > last)
		unix_seconds = last;
	/* From a day before all that can be written, so that the division rounds down. */
	seconds = unix_seconds + (EPOCH_DAYS + CYCLE_DAYS) * (int64_t)DAY_SECONDS;
	days = seconds / DAY_SECONDS - CYCLE_DAYS;
	seconds %= DAY_SECONDS;
	write_date(text, days);
	write_digits(text + DATE_DIGITS, 2, seconds / 3600);
	write_digits(text + DATE_DIGITS + 2, 2, seconds / 60 % 60);
	write_digits(text + DATE_DIGITS + 4, 2, seconds % 60);
	text[SECOND_DIGITS] = '\0';
	return text;
}
