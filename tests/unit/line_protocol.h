/* A protocol for tests: lines. Greets with "hello\n", answers any line with itself, and knows
 *
 *     wait     a transfer that lasts until the client sends a byte
 *     user N   logs N in
 *     quit     the end */
#ifndef FTPOOL_TESTS_UNIT_LINE_PROTOCOL_H
#define FTPOOL_TESTS_UNIT_LINE_PROTOCOL_H

#include "worker/protocol.h"
#include "worker/session_activity.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static inline enum session_next line_open(struct session *session)
{
	return stream_write(&session->stream, "hello\n", 6, false) < 0 ? SESSION_CLOSE
								       : SESSION_PARK;
}

static inline enum session_next line_wait(struct session *session)
{
	char byte;
	ssize_t got;

	session_command(session, "wait", "a/path");
	session_expect(session, 77);
	session_transfer_begin(session);
	got = stream_read(&session->stream, &byte, 1, 60000);
	session_transfer_end(session);
	session_idle(session);
	if (got != 1 || stream_write(&session->stream, "done\n", 5, false) < 0)
		return SESSION_CLOSE;
	return SESSION_PARK;
}

static inline enum session_next line_answer(
	struct session *session, const char *line, size_t length)
{
	char copy[100];
	int error;

	memcpy(copy, line, length);
	stream_take(&session->stream, length);
	if (length == 5 && !memcmp(copy, "quit\n", 5))
		return SESSION_CLOSE;
	if (length == 5 && !memcmp(copy, "wait\n", 5))
		return line_wait(session);
	if (length > 5 && !memcmp(copy, "user ", 5)) {
		copy[length - 1] = '\0';
		ck_assert_int_eq(session_log_in(session, copy + 5, 0), 0);
		copy[length - 1] = '\n';
	}
	session_command(session, "echo", NULL);
	error = stream_write(&session->stream, copy, length, false);
	session_idle(session);
	return error < 0 ? SESSION_CLOSE : SESSION_PARK;
}

static inline enum session_next line_serve(struct session *session)
{
	for (;;) {
		size_t length;
		const char *input = stream_peek(&session->stream, &length);
		const char *end = memchr(input, '\n', length);
		ssize_t got;

		if (end) {
			if (line_answer(session, input, (size_t)(end + 1 - input)) == SESSION_CLOSE)
				return SESSION_CLOSE;
			continue;
		}
		got = stream_fill(&session->stream);
		if (got == -EAGAIN)
			return SESSION_PARK;
		if (got <= 0)
			return SESSION_CLOSE;
	}
}

static inline size_t line_farewell(enum session_end why, char *text, size_t size)
{
	return (size_t)snprintf(text, size, "bye %d\n", (int)why);
}

static const struct protocol line_protocol = {.name = PROTOCOL_LGPQ,
	.transfers_aside = true,
	.open = line_open,
	.serve = line_serve,
	.farewell = line_farewell};

#endif
