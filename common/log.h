/* The log: one event, one line, one write(2), so that lines of many processes never mix.
 *
 *     session: closed session=3.17 peer=192.0.2.7:40122 reason=idle
 *
 * The subject comes first, then key=value pairs; log_line makes the line. Each process writes to
 * the descriptor it was given; only the master opens files. Bytes that came from a client go
 * through log_quote, so they cannot forge a line. Callable from any thread. */
#ifndef FTPOOL_COMMON_LOG_H
#define FTPOOL_COMMON_LOG_H

#include <stddef.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

enum log_style {
	LOG_STYLE_TIMED,   /* "2026-11-23T22:54:11.123Z warning …": terminals and files */
	LOG_STYLE_JOURNAL, /* "<4>…", sd-daemon(3): the journal adds the time itself */
	LOG_STYLE_NATIVE,  /* the journal's own protocol, each pair a field: a datagram a line */
	LOG_STYLE_SYSLOG,  /* "<28>Nov 23 22:54:11 ftpool[123]: …", RFC 3164: a datagram a line */
};

struct log_form {
	enum log_style style;
	int facility; /* LOG_DAEMON … of syslog(3), for the last two */
	int json;     /* the event and its pairs as one JSON object; not with LOG_STYLE_NATIVE */
};

/* Until this is called, LOG_LEVEL_INFO and above go to standard error, timed. */
void log_setup(enum log_level level, enum log_style style);

/* Changes the level alone, at once, for all threads of the process. */
void log_set_level(enum log_level level);
enum log_level log_level(void);

/* "info" …; and back: the level, or -EINVAL. */
const char *log_level_name(enum log_level level);
int log_level_named(const char *name);

/* The form alone. Lines that a socket does not take go to standard error. */
void log_set_form(const struct log_form *form);

/* From now on lines go to a copy of this descriptor; the caller keeps his own.
 * Lines being written meanwhile go whole to the one or the other. 0 or -errno. */
int log_adopt(int descriptor);

/* The descriptor that lines go to: to hand to a child, or for a signal handler to write to. */
int log_descriptor(void);

/* Writes one line. `event` is "subject: what", `format` the key=value pairs ("" for none). */
void log_event(enum log_level level, const char *event, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define log_error(...) log_event(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_event(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_info(...) log_event(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...) log_event(LOG_LEVEL_DEBUG, __VA_ARGS__)

enum { LOG_QUOTED = 512 };
/* Any bytes as a quoted value: `"` `\` and what is not printable as \xHH; UTF-8 stays as it is,
 * but for what would make a reader see another text (utf8_misleads).
 * What does not fit is cut and ends in `…"`. Returns out. */
char *log_quote(char out[LOG_QUOTED], const char *bytes, size_t length);

#endif
