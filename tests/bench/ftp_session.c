#include "tests/bench/ftp_load.h"
#include <errno.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { REPLY_CODE = 3, COMMAND_LONGEST = 512, REFUSED_MOST = 1000 };

/* On loopback a connection is made within the call, unless the server's backlog is full. */
int session_connect(const struct sockaddr_in *server)
{
	int one = 1, made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (made < 0 || connect(made, (const struct sockaddr *)server, sizeof(*server)) < 0)
		load_die("connect to port %d: %m", ntohs(server->sin_port));
	setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return made;
}

/* An event tells by its lowest bit which of the two connections it is about. */
void session_watch(struct session *session, bool data)
{
	struct epoll_event event = {.events = EPOLLIN, .data.u64 = (uintptr_t)session | data};

	if (epoll_ctl(session->crew->set, EPOLL_CTL_ADD, data ? session->data : session->control,
		    &event) < 0)
		load_die("epoll_ctl: %m");
}

struct session *session_of_event(uint64_t event, bool *data)
{
	*data = event & 1;
	return (struct session *)(uintptr_t)(event & ~(uint64_t)1);
}

void session_send(const struct session *session, const char *format, ...)
{
	char command[COMMAND_LONGEST];
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	if (length < 0 || (size_t)length >= sizeof(command) ||
		send(session->control, command, (size_t)length, MSG_NOSIGNAL) != length)
		load_die("send: %m");
}

/* "226 Done" ends a reply; "226-" and lines without a code belong to one that goes on. */
static int code_of(const char *line)
{
	return strspn(line, "0123456789") == REPLY_CODE && line[REPLY_CODE] == ' ' ? atoi(line) : 0;
}

static void begin_or_rest(struct session *session)
{
	if (load_now() < session->job->end)
		session->job->work->begin(session);
	else
		session->crew->busy--;
}

static void refused(struct session *session, int code, const char *line)
{
	if (code != 425 || !session->job->work->verb || ++session->refused > REFUSED_MOST)
		load_die("the server says: %s", line);
	if (session->data >= 0)
		close(session->data);
	session->data = -1;
	begin_or_rest(session);
}

bool session_read_replies(struct session *session,
	void (*replied)(struct session *session, int code, const char *line))
{
	ssize_t got = recv(session->control, session->reply + session->kept,
		sizeof(session->reply) - 1 - session->kept, 0);
	char *line = session->reply, *end;

	if (got < 0)
		load_die("recv: %m");
	if (got == 0)
		return false;
	session->kept += (size_t)got;
	session->reply[session->kept] = '\0';
	while ((end = strstr(line, "\r\n"))) {
		int code = code_of(line);

		*end = '\0';
		if (code >= 400)
			refused(session, code, line);
		else if (code > 0)
			replied(session, code, line);
		line = end + 2;
	}
	session->kept -= (size_t)(line - session->reply);
	memmove(session->reply, line, session->kept);
	return true;
}

static void log_in_further(struct session *session, int code, const char *line)
{
	(void)line;
	if (code == 220)
		session_send(session, "USER anonymous\r\n");
	else if (code == 331)
		session_send(session, "PASS bench@\r\n");
	else if (code == 230)
		session_send(session, "TYPE I\r\n");
	else
		session->told = true;
}

void session_log_in(struct session *session)
{
	session->control = session_connect(&session->job->server);
	session->told = false;
	while (!session->told) {
		if (!session_read_replies(session, log_in_further))
			load_die("the server closed session %d in its login", session->number);
	}
}

void session_done(struct session *session)
{
	session->operations++;
	begin_or_rest(session);
}
