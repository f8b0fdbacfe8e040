#include "common/log_line.h"

#include "common/clock.h"
#include "common/utf8.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

/* What is left at the end of the line for what closes it. */
enum { CLOSING = 8, EVENT = 512 };

static const int severities[] = {LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG};

struct writer {
	char *line;
	size_t used;
};

/* ---- writing within the line ---- */

static size_t room(const struct writer *writer)
{
	return writer->used < LOG_LINE - CLOSING ? LOG_LINE - CLOSING - writer->used : 0;
}

static void put(struct writer *writer, const char *bytes, size_t length)
{
	if (length > room(writer))
		length = room(writer);
	memcpy(writer->line + writer->used, bytes, length);
	writer->used += length;
}

static void put_text(struct writer *writer, const char *text)
{
	put(writer, text, strlen(text));
}

/* For what is surely short. */
static void put_format(struct writer *writer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void put_format(struct writer *writer, const char *format, ...)
{
	char text[100];
	va_list values;

	va_start(values, format);
	vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	put_text(writer, text);
}

/* Values went through log_quote; what did not, such as a path in the config, forges no line either.
 */
static void put_plain(struct writer *writer, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		put(writer, (unsigned char)bytes[i] < ' ' || bytes[i] == 0x7f ? "?" : bytes + i, 1);
}

/* ---- pairs ---- */

/* A value in quotes ends at a quote with a blank behind it: a path from the config may have others.
 */
static const char *end_of_quoted(const char *value)
{
	for (; *value; value++) {
		if (*value == '"' && (value[1] == ' ' || value[1] == '\0'))
			break;
	}
	return value;
}

const char *log_line_next_pair(const char *pairs, struct log_pair *pair)
{
	const char *end;

	pairs += strspn(pairs, " ");
	if (*pairs == '\0')
		return NULL;
	pair->key = pairs;
	pair->key_length = strcspn(pairs, "= ");
	pairs += pair->key_length;
	pairs += *pairs == '=';
	pair->quoted = *pairs == '"';
	pair->value = pairs + pair->quoted;
	end = pair->quoted ? end_of_quoted(pair->value) : pairs + strcspn(pairs, " ");
	pair->value_length = (size_t)(end - pair->value);
	return end + (pair->quoted && *end == '"');
}

/* ---- JSON ---- */

/* One character, or one byte that belongs to none: then as log_quote writes it, \xHH. */
static size_t put_json_character(struct writer *writer, const unsigned char *p, size_t left)
{
	size_t character = utf8_length(p, left);

	if (room(writer) < 6)
		return 1;
	if (character > 0)
		put(writer, (const char *)p, character);
	else if (*p == '"' || *p == '\\')
		put_format(writer, "\\%c", *p);
	else if (*p >= ' ' && *p < 0x7f)
		put(writer, (const char *)p, 1);
	else
		put_format(writer, "\\\\x%02x", *p);
	return character > 0 ? character : 1;
}

static void put_json_text(struct writer *writer, const char *text, size_t length)
{
	put_text(writer, "\"");
	for (size_t i = 0; i < length;)
		i += put_json_character(writer, (const unsigned char *)text + i, length - i);
}

static bool is_number(const struct log_pair *pair)
{
	size_t sign = pair->value_length > 1 && pair->value[0] == '-';
	size_t digits = pair->value_length - sign;

	if (pair->quoted || digits == 0 || digits > 15 || (digits > 1 && pair->value[sign] == '0'))
		return false;
	for (size_t i = sign; i < pair->value_length; i++) {
		if (pair->value[i] < '0' || pair->value[i] > '9')
			return false;
	}
	return true;
}

/* A pair is there whole, if with its value cut, or not at all. */
static void put_json_pair(struct writer *writer, const struct log_pair *pair)
{
	if (room(writer) < 5 * pair->key_length + 32)
		return;
	put_text(writer, ",");
	put_json_text(writer, pair->key, pair->key_length);
	put_text(writer, "\":");
	if (is_number(pair)) {
		put(writer, pair->value, pair->value_length);
		return;
	}
	put_json_text(writer, pair->value, pair->value_length);
	writer->line[writer->used++] = '"'; /* CLOSING has room for it */
}

static void put_json(struct writer *writer, bool timed, enum log_level level, const char *event,
	const char *pairs)
{
	char now[CLOCK_TEXT];
	struct log_pair pair;

	clock_text(now);
	put_text(writer, "{");
	if (timed)
		put_format(writer, "\"time\":\"%s\",", now);
	put_format(writer, "\"level\":\"%s\",\"event\":", log_level_name(level));
	put_json_text(writer, event, strnlen(event, EVENT));
	put_text(writer, "\"");
	while ((pairs = log_line_next_pair(pairs, &pair)))
		put_json_pair(writer, &pair);
	writer->line[writer->used++] = '}';
}

/* ---- the forms ---- */

static void put_event(struct writer *writer, const char *event, const char *pairs)
{
	put_plain(writer, event, strnlen(event, EVENT));
	if (*pairs) {
		put_text(writer, " ");
		put_plain(writer, pairs, strlen(pairs));
	}
}

/* RFC 3164 4.1.2; local time, as syslogds take it. */
static void put_syslog_head(struct writer *writer, int facility, int severity)
{
	time_t now = time(NULL);
	struct tm parts;
	char text[40] = "";

	if (localtime_r(&now, &parts))
		strftime(text, sizeof(text), "%b %e %H:%M:%S", &parts);
	put_format(writer, "<%d>%s ftpool[%d]: ", facility | severity, text, (int)getpid());
}

/* FTPOOL_SESSION=3.17: capitals, digits and _ (systemd.journal-fields(7)). */
static void put_field(struct writer *writer, const struct log_pair *pair)
{
	if (room(writer) < pair->key_length + pair->value_length + 16)
		return;
	put_text(writer, "FTPOOL_");
	for (size_t i = 0; i < pair->key_length; i++) {
		char c = pair->key[i];

		put_format(writer, "%c",
			c >= 'a' && c <= 'z'   ? c - 'a' + 'A'
			: c >= '0' && c <= '9' ? c
					       : '_');
	}
	put_text(writer, "=");
	put_plain(writer, pair->value, pair->value_length);
	put_text(writer, "\n");
}

/* https://systemd.io/JOURNAL_NATIVE_PROTOCOL: NAME=value lines, since no value has a \n. */
static void put_native(struct writer *writer, const struct log_form *form, enum log_level level,
	const char *event, const char *pairs)
{
	struct log_pair pair;

	put_format(writer, "PRIORITY=%d\nSYSLOG_FACILITY=%d\nSYSLOG_IDENTIFIER=ftpool\nMESSAGE=",
		severities[level], form->facility >> 3);
	put_event(writer, event, pairs);
	put_text(writer, "\nFTPOOL_EVENT=");
	put_plain(writer, event, strnlen(event, EVENT));
	put_text(writer, "\n");
	while ((pairs = log_line_next_pair(pairs, &pair)))
		put_field(writer, &pair);
	if (writer->line[writer->used - 1] == '\n')
		writer->used--;
}

static void put_head(struct writer *writer, const struct log_form *form, enum log_level level)
{
	char now[CLOCK_TEXT];

	if (form->style == LOG_STYLE_JOURNAL) {
		put_format(writer, "<%d>", severities[level]);
	} else if (form->style == LOG_STYLE_SYSLOG) {
		put_syslog_head(writer, form->facility, severities[level]);
	} else if (!form->json) {
		clock_text(now);
		put_format(writer, "%s %-7s ", now, log_level_name(level));
	}
}

size_t log_line_make(char line[LOG_LINE], const struct log_form *form, enum log_level level,
	const char *event, const char *pairs)
{
	struct writer writer = {.line = line};

	if (form->style == LOG_STYLE_NATIVE) {
		put_native(&writer, form, level, event, pairs);
	} else {
		put_head(&writer, form, level);
		if (form->json)
			put_json(&writer, form->style == LOG_STYLE_TIMED, level, event, pairs);
		else
			put_event(&writer, event, pairs);
	}
	line[writer.used++] = '\n';
	return writer.used;
}
