#include "worker/echo/echo.h"

#include "worker/session_activity.h"

#include <errno.h>
#include <string.h>

enum { MESSAGE_LONGEST = 16 * 1024, MESSAGES_A_TURN = 64 };

static int answer(struct session *session, const char *message, size_t length)
{
	const char *reply = session->listener->reply;

	if (reply[0] != '\0')
		return stream_write(&session->stream, reply, strlen(reply), false);
	return stream_write(&session->stream, message, length, false);
}

/* A client that never stops sending gives the thread back after a while; the epoll set returns to
 * him at once. */
static enum session_next serve(struct session *session)
{
	char message[MESSAGE_LONGEST];

	for (int i = 0; i < MESSAGES_A_TURN; i++) {
		ssize_t got = stream_read(&session->stream, message, sizeof(message), 0);
		int error;

		if (got == -EAGAIN)
			return SESSION_PARK;
		if (got <= 0)
			return SESSION_CLOSE;
		session_command(session, "echo", NULL);
		error = answer(session, message, (size_t)got);
		session_idle(session);
		if (error < 0)
			return SESSION_CLOSE;
	}
	return SESSION_PARK;
}

static size_t farewell(enum session_end why, char *text, size_t size)
{
	(void)why;
	(void)text;
	(void)size;
	return 0;
}

const struct protocol echo_protocol = {.name = PROTOCOL_ECHO, .serve = serve, .farewell = farewell};
