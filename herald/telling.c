#include "herald/telling.h"

#include "common/config.h"
#include "common/utf8.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

struct writer {
	char *line;
	size_t used;
};

static void put(struct writer *writer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void put(struct writer *writer, const char *format, ...)
{
	size_t room = EVENT_LINE_LONGEST - writer->used;
	va_list values;
	int length;

	va_start(values, format);
	length = vsnprintf(writer->line + writer->used, room, format, values);
	va_end(values);
	writer->used += (size_t)length < room ? (size_t)length : room - 1;
}

/* One character. How many bytes it took; *whole is made false where they were none. */
static size_t put_character(struct writer *writer, const unsigned char *p, size_t left, bool *whole)
{
	size_t length = utf8_length(p, left);

	if (length > 0) {
		put(writer, "%.*s", (int)length, p);
		return length;
	}
	if (left > 1 && p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0) {
		put(writer, "\\u00%02x", p[1]);
		return 2;
	}
	if (*p == '"' || *p == '\\')
		put(writer, "\\%c", *p);
	else if (*p < ' ' || *p == 0x7f)
		put(writer, "\\u00%02x", *p);
	else if (*p < 0x80)
		put(writer, "%c", *p);
	else
		put(writer, "\\ufffd");
	*whole &= *p < 0x80;
	return 1;
}

/* false: it holds bytes that are no UTF-8. */
static bool put_text(struct writer *writer, const char *key, const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t left = strlen(text);
	bool whole = true;

	put(writer, ",\"%s\":\"", key);
	while (left > 0) {
		size_t length = put_character(writer, p, left, &whole);

		p += length;
		left -= length;
	}
	put(writer, "\"");
	return whole;
}

static void put_file(struct writer *writer, const struct event *event)
{
	const char *directory = event->texts[EVENT_DIRECTORY];
	char file[PATH_MAX + NAME_MAX + 2];

	snprintf(file, sizeof(file), "%s/%s", strcmp(directory, "/") == 0 ? "" : directory,
		event->texts[EVENT_NAME]);
	if (put_text(writer, "file", file))
		return;
	put(writer, ",\"file_hex\":\"");
	for (const unsigned char *p = (const unsigned char *)file; *p; p++)
		put(writer, "%02x", *p);
	put(writer, "\"");
}

/* What a worker that was broken into says of times may be anything. */
static int64_t within_reason(int64_t ms)
{
	return ms < 0 ? 0 : ms > 100000000000000 ? 100000000000000 : ms;
}

static void put_time(struct writer *writer, int64_t unix_ms)
{
	time_t seconds = unix_ms / 1000;
	struct tm utc = {0};
	char text[32];

	(void)gmtime_r(&seconds, &utc);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &utc);
	put(writer, ",\"time\":\"%s.%03dZ\"", text, (int)(unix_ms % 1000));
}

size_t telling_make(char line[EVENT_LINE_LONGEST], uint64_t id, const struct telling *telling)
{
	const struct event *event = telling->event;
	const struct event_facts *facts = &event->facts;
	struct writer writer = {.line = line};
	int64_t duration_ms = within_reason(facts->duration_ms);
	char peer[ADDRESS_TEXT];

	put(&writer, "{\"id\":%ju", (uintmax_t)id);
	put_time(&writer, within_reason(telling->unix_ms));
	(void)put_text(&writer, "path", event->texts[EVENT_PATH]);
	put_file(&writer, event);
	put(&writer, ",\"bytes\":%jd", (intmax_t)facts->identity.bytes);
	if (event->texts[EVENT_SHA256][0] != '\0')
		(void)put_text(&writer, "sha256", event->texts[EVENT_SHA256]);
	else
		put(&writer, ",\"sha256\":null");
	(void)put_text(&writer, "user", event->texts[EVENT_USER]);
	(void)put_text(&writer, "peer", address_format(&facts->peer, peer));
	put(&writer, ",\"duration\":%jd.%03d", (intmax_t)(duration_ms / 1000),
		(int)(duration_ms % 1000));
	(void)put_text(&writer, "protocol",
		facts->protocol < PROTOCOL_COUNT ? config_protocol_name(facts->protocol) : "?");
	put(&writer, ",\"session\":\"%u.%u\"", facts->slot, facts->session);
	if (telling->recovered)
		put(&writer, ",\"recovered\":true");
	(void)put_text(&writer, "source", telling->source);
	/* The position is part of that text. */
	writer.used--;
	put(&writer, ":%ju\"}\n", (uintmax_t)telling->position);
	return writer.used;
}
