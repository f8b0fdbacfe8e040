#include "client/ftp_entry.h"

#include "common/lgpq_field.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum { DAY_SECONDS = 24 * 3600, MOST_WORDS = 12 };

/* A part of the line. */
struct word {
	const char *text;
	size_t length;
};

static bool is(const struct word *word, const char *text)
{
	return word->length == strlen(text) && strncasecmp(word->text, text, word->length) == 0;
}

static bool number(int64_t *value, const char *text, size_t length)
{
	return lgpq_field_number(value, text, length) == 0;
}

/* Digits from text[at] on, as a number from low to high. */
static bool digits(int *value, const char *text, size_t count, int low, int high)
{
	int64_t wide;

	if (!number(&wide, text, count) || wide < low || wide > high)
		return false;
	*value = (int)wide;
	return true;
}

static int64_t seconds_of(int year, int month, int day, int hour, int minute, int second)
{
	struct tm time = {.tm_year = year - 1900,
		.tm_mon = month - 1,
		.tm_mday = day,
		.tm_hour = hour,
		.tm_min = minute,
		.tm_sec = second};

	return timegm(&time);
}

int ftp_entry_time(int64_t *unix_seconds, const char *text, size_t length)
{
	int year, month, day, hour, minute, second;

	if (length < 14 || (length > 14 && text[14] != '.'))
		return -EINVAL;
	if (!digits(&year, text, 4, 1970, 9999) || !digits(&month, text + 4, 2, 1, 12) ||
		!digits(&day, text + 6, 2, 1, 31) || !digits(&hour, text + 8, 2, 0, 23) ||
		!digits(&minute, text + 10, 2, 0, 59) || !digits(&second, text + 12, 2, 0, 60))
		return -EINVAL;
	*unix_seconds = seconds_of(year, month, day, hour, minute, second);
	return 0;
}

/* A name that could lead out of the directory, or back to it, is no entry of it. */
static enum ftp_entry_kind take_name(struct ftp_entry *entry, const char *name, size_t length)
{
	if (length == 0 || memchr(name, '/', length) || (length == 1 && name[0] == '.') ||
		(length == 2 && name[0] == '.' && name[1] == '.'))
		return FTP_ENTRY_NONE;
	entry->name = name;
	entry->name_length = length;
	return FTP_ENTRY;
}

/* One "name=value". False: the directory itself or its parent. */
static bool take_fact(struct ftp_entry *entry, const char *text, size_t length)
{
	const char *equals = memchr(text, '=', length);
	struct word name, value;

	if (!equals)
		return true;
	name = (struct word){text, (size_t)(equals - text)};
	value = (struct word){equals + 1, length - name.length - 1};
	if (is(&name, "type")) {
		if (is(&value, "cdir") || is(&value, "pdir"))
			return false;
		entry->directory = is(&value, "dir");
	} else if (is(&name, "size")) {
		number(&entry->size, value.text, value.length);
	} else if (is(&name, "modify")) {
		ftp_entry_time(&entry->modified_unix_seconds, value.text, value.length);
	}
	return true;
}

enum ftp_entry_kind ftp_entry_mlsd(struct ftp_entry *entry, const char *line, size_t length)
{
	/* "fact;fact; name": each fact ends in a semicolon; without any, a blank goes before the
	 * name. A fact may hold no blank, but some servers tell where a symbolic link leads. */
	const char *end = length > 0 && *line == ' ' ? line : memmem(line, length, "; ", 2);
	const char *name, *at = line;

	*entry = (struct ftp_entry){.size = -1, .modified_unix_seconds = -1};
	if (length == 0 || !end)
		return FTP_ENTRY_ODD;
	name = end + (*end == ';' ? 2 : 1);
	while (at < end) {
		const char *stop = memchr(at, ';', (size_t)(end - at));

		stop = stop ? stop : end;
		if (!take_fact(entry, at, (size_t)(stop - at)))
			return FTP_ENTRY_NONE;
		at = stop + 1;
	}
	if (entry->directory)
		entry->size = -1;
	return take_name(entry, name, length - (size_t)(name - line));
}

/* The words of the line, MOST_WORDS at most. */
static size_t split(struct word *words, const char *line, size_t length)
{
	size_t count = 0, at = 0;

	while (count < MOST_WORDS) {
		size_t start;

		while (at < length && line[at] == ' ')
			at++;
		if (at == length)
			break;
		start = at;
		while (at < length && line[at] != ' ')
			at++;
		words[count++] = (struct word){line + start, at - start};
	}
	return count;
}

static int month_of(const struct word *word)
{
	static const char *const months[] = {
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

	for (int i = 0; i < 12; i++) {
		if (is(word, months[i]))
			return i + 1;
	}
	return 0;
}

/* "16:01" of the last twelve months, or "2026". */
static bool list_time(int64_t *seconds, int month, int day, const struct word *word, int64_t now)
{
	time_t today = (time_t)now;
	struct tm here;
	int hour, minute, year;

	if (word->length == 4 && digits(&year, word->text, 4, 1970, 9999)) {
		*seconds = seconds_of(year, month, day, 0, 0, 0);
		return true;
	}
	if (word->length != 5 || word->text[2] != ':' || !digits(&hour, word->text, 2, 0, 23) ||
		!digits(&minute, word->text + 3, 2, 0, 59) || !gmtime_r(&today, &here))
		return false;
	*seconds = seconds_of(here.tm_year + 1900, month, day, hour, minute, 0);
	/* A day ahead may be the server's zone. */
	if (*seconds > now + DAY_SECONDS)
		*seconds = seconds_of(here.tm_year + 1899, month, day, hour, minute, 0);
	return true;
}

/* Where the words "SIZE Mon DD TIME" begin; 0: nowhere. */
static size_t find_date(const struct word *words, size_t count)
{
	int64_t size;
	int day;

	for (size_t i = 2; i + 3 < count; i++) {
		if (number(&size, words[i].text, words[i].length) && month_of(&words[i + 1]) &&
			digits(&day, words[i + 2].text, words[i + 2].length, 1, 31))
			return i;
	}
	return 0;
}

/* "-rw-r--r-- 1 owner group 1234 Nov 25 16:01 name". */
static enum ftp_entry_kind unix_line(
	struct ftp_entry *entry, const char *line, size_t length, int64_t now)
{
	struct word words[MOST_WORDS];
	size_t count = split(words, line, length), date = find_date(words, count);
	const struct word *time = &words[date + 3];
	const char *name, *arrow;
	int day;

	if (!date || !digits(&day, words[date + 2].text, words[date + 2].length, 1, 31) ||
		!list_time(
			&entry->modified_unix_seconds, month_of(&words[date + 1]), day, time, now))
		return FTP_ENTRY_ODD;
	entry->directory = line[0] == 'd';
	if (line[0] == '-')
		number(&entry->size, words[date].text, words[date].length);
	/* One blank behind the time; any more are the name's. */
	name = time->text + time->length + 1;
	if (name >= line + length)
		return FTP_ENTRY_ODD;
	length -= (size_t)(name - line);
	arrow = line[0] == 'l' ? memmem(name, length, " -> ", 4) : NULL;
	return take_name(entry, name, arrow ? (size_t)(arrow - name) : length);
}

/* "11-25-26" or "11-25-2026", "04:01PM". */
static bool dos_time(int64_t *seconds, const struct word *date, const struct word *time)
{
	int month, day, year, hour, minute;

	if ((date->length != 8 && date->length != 10) || time->length != 7)
		return false;
	if (!digits(&month, date->text, 2, 1, 12) || !digits(&day, date->text + 3, 2, 1, 31) ||
		!digits(&year, date->text + 6, date->length - 6, 0, 9999) ||
		!digits(&hour, time->text, 2, 1, 12) || !digits(&minute, time->text + 3, 2, 0, 59))
		return false;
	if (year < 100)
		year += year < 70 ? 2000 : 1900;
	hour = hour % 12 + (toupper((unsigned char)time->text[5]) == 'P' ? 12 : 0);
	*seconds = seconds_of(year, month, day, hour, minute, 0);
	return true;
}

/* "11-25-26  04:01PM       1234 name", or <DIR> for the size. */
static enum ftp_entry_kind dos_line(struct ftp_entry *entry, const char *line, size_t length)
{
	struct word words[MOST_WORDS];
	const char *name, *end = line + length;

	if (split(words, line, length) < 4 ||
		!dos_time(&entry->modified_unix_seconds, &words[0], &words[1]))
		return FTP_ENTRY_ODD;
	entry->directory = is(&words[2], "<DIR>");
	if (!entry->directory && !number(&entry->size, words[2].text, words[2].length))
		return FTP_ENTRY_ODD;
	/* A size stands right before the name, <DIR> has blanks behind it. */
	name = entry->directory ? words[3].text : words[2].text + words[2].length + 1;
	return take_name(entry, name, (size_t)(end - name));
}

enum ftp_entry_kind ftp_entry_list(
	struct ftp_entry *entry, const char *line, size_t length, int64_t now_unix_seconds)
{
	*entry = (struct ftp_entry){.size = -1, .modified_unix_seconds = -1};
	if (length == 0 || (length > 5 && strncasecmp(line, "total", 5) == 0))
		return FTP_ENTRY_NONE;
	if (length > 10 && strchr("-dlbcps", line[0]) && line[1] != '\0' && strchr("r-", line[1]))
		return unix_line(entry, line, length, now_unix_seconds);
	if (isdigit((unsigned char)line[0]))
		return dos_line(entry, line, length);
	return FTP_ENTRY_ODD;
}

enum ftp_entry_kind ftp_entry_nlst(struct ftp_entry *entry, const char *line, size_t length)
{
	/* Some servers put the directory before each name. */
	const char *slash = memrchr(line, '/', length);

	*entry = (struct ftp_entry){.size = -1, .modified_unix_seconds = -1};
	if (slash) {
		length -= (size_t)(slash + 1 - line);
		line = slash + 1;
	}
	return take_name(entry, line, length);
}
