#include "common/log.h"

#include "common/log_line.h"
#include "common/utf8.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct {
	_Atomic(enum log_level) level;
	struct log_form form;
	_Atomic int descriptor;
} the_log = {LOG_LEVEL_INFO, {LOG_STYLE_TIMED, 0, 0}, STDERR_FILENO};

static const char *const level_names[] = {"error", "warning", "info", "debug"};

void log_setup(enum log_level level, enum log_style style)
{
	log_set_level(level);
	log_set_form(&(struct log_form){.style = style});
}

void log_set_form(const struct log_form *form)
{
	the_log.form = *form;
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

/* A log that cannot be written has nowhere to say so; the service goes on. A socket's other end may
 * be gone for a while, and what it does not take is told where it may yet be seen. */
static void write_line(
	enum log_level level, const char *event, const char *pairs, const struct log_form *form)
{
	static const struct log_form plain = {.style = LOG_STYLE_TIMED};
	char line[LOG_LINE];
	size_t length = log_line_make(line, form, level, event, pairs);

	if (write(log_descriptor(), line, length) >= 0 || form->style < LOG_STYLE_NATIVE)
		return;
	length = log_line_make(line, &plain, level, event, pairs);
	if (write(STDERR_FILENO, line, length) < 0)
		return;
}

void log_event(enum log_level level, const char *event, const char *format, ...)
{
	char pairs[LOG_PAIRS];
	int saved = errno;
	va_list values;

	if (level > log_level())
		return;
	va_start(values, format);
	vsnprintf(pairs, sizeof(pairs), format, values);
	va_end(values);
	write_line(level, event, pairs, &the_log.form);
	errno = saved;
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
		if (character > 0 && !utf8_misleads(p + i, character)) {
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
