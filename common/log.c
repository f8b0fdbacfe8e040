#include "common/log.h"

#include "common/clock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE = 2048 };

static struct {
	_Atomic(enum log_level) level;
	enum log_style style;
	_Atomic int descriptor;
} the_log = {LOG_LEVEL_INFO, LOG_STYLE_TIMED, STDERR_FILENO};

static const char *const level_names[] = {"error", "warning", "info", "debug"};

void log_setup(enum log_level level, enum log_style style)
{
	log_set_level(level);
	the_log.style = style;
}

void log_set_level(enum log_level level)
{
	atomic_store_explicit(&the_log.level, level, memory_order_relaxed);
}

enum log_level log_level(void)
{
	return atomic_load_explicit(&the_log.level, memory_order_relaxed);
}

const char *log_level_name(enum log_level level)
{
	return level_names[level];
}

int log_level_named(const char *name)
{
	for (int i = 0; i <= LOG_LEVEL_DEBUG; i++) {
		if (strcmp(level_names[i], name) == 0)
			return i;
	}
	return -EINVAL;
}

int log_descriptor(void)
{
	return atomic_load(&the_log.descriptor);
}

/* dup3 swaps the file behind a number in one step: a thread in the middle of write(2) keeps the
 * old file until its line is out. */
int log_adopt(int descriptor)
{
	int current = atomic_load(&the_log.descriptor);

	if (current > STDERR_FILENO)
		return dup3(descriptor, current, O_CLOEXEC) < 0 ? -errno : 0;

	int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);

	if (copy < 0)
		return -errno;
	atomic_store(&the_log.descriptor, copy);
	return 0;
}

static size_t write_head(char *line, enum log_level level, const char *event)
{
	static const char priorities[] = {'3', '4', '6', '7'};
	char now[CLOCK_TEXT];

	if (the_log.style == LOG_STYLE_JOURNAL)
		return (size_t)snprintf(line, LINE, "<%c>%s", priorities[level], event);
	clock_text(now);
	return (size_t)snprintf(line, LINE, "%s %-7s %s", now, level_names[level], event);
}

void log_event(enum log_level level, const char *event, const char *format, ...)
{
	char line[LINE];
	size_t length;

	if (level > log_level())
		return;
	length = write_head(line, level, event);
	if (length < LINE - 2 && format[0] != '\0') {
		va_list values;

		line[length++] = ' ';
		va_start(values, format);
		length += (size_t)vsnprintf(line + length, LINE - length, format, values);
		va_end(values);
	}
	if (length > LINE - 2)
		length = LINE - 2;
	line[length++] = '\n';

	int saved = errno;

	/* A log that cannot be written has nowhere to say so; the service goes on. */
	if (write(log_descriptor(), line, length) < 0)
		errno = saved;
	errno = saved;
}

/* The bytes of one UTF-8 character at p, or 0 if there is no well-formed one (RFC 3629). C1
 * controls (U+0080 to U+009F) count as malformed: terminals obey them. */
static size_t utf8_length(const unsigned char *p, size_t left)
{
	size_t need = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;

	if (p[0] < 0xc2 || p[0] > 0xf4 || need > left)
		return 0;
	for (size_t i = 1; i < need; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	}
	if ((p[0] == 0xc2 && p[1] < 0xa0) || (p[0] == 0xe0 && p[1] < 0xa0) ||
		(p[0] == 0xed && p[1] > 0x9f) || (p[0] == 0xf0 && p[1] < 0x90) ||
		(p[0] == 0xf4 && p[1] > 0x8f))
		return 0;
	return need;
}

char *log_quote(char out[LOG_QUOTED], const char *bytes, size_t length)
{
	static const char hex[] = "0123456789abcdef";
	static const char cut[] = "…\"";
	const unsigned char *p = (const unsigned char *)bytes;
	size_t used = 0;

	out[used++] = '"';
	for (size_t i = 0; i < length;) {
		size_t character = utf8_length(p + i, length - i);

		if (used + 4 + sizeof(cut) > LOG_QUOTED) {
			memcpy(out + used, cut, sizeof(cut));
			return out;
		}
		if (character > 0) {
			memcpy(out + used, p + i, character);
			used += character;
			i += character;
		} else if (p[i] >= ' ' && p[i] < 0x7f && p[i] != '"' && p[i] != '\\') {
			out[used++] = (char)p[i++];
		} else {
			out[used++] = '\\';
			out[used++] = 'x';
			out[used++] = hex[p[i] >> 4];
			out[used++] = hex[p[i++] & 15];
		}
	}
	out[used++] = '"';
	out[used] = '\0';
	return out;
}
