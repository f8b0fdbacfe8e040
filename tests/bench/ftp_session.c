#include "tests/bench/ftp_load.h"
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
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
	if (length < 0 || (size_t)length >= sizeof(command))
		load_die("too long: %s", command);
	if (session->control_tls)
		secure_send(session->control_tls, command, (size_t)length);
	else if (send(session->control, command, (size_t)length, MSG_NOSIGNAL) != length)
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
	secure_free(&session->data_tls);
	if (session->data >= 0)
		close(session->data);
	session->data = -1;
	begin_or_rest(session);
}

static void say_user(const struct session *session)
{
	const struct job *job = session->job;
	bool login = !job->work->logged_in && job->name[0] != '\0';

	session_send(session, "USER %s\r\n", login ? job->name : "anonymous");
}

static ssize_t receive(struct session *session)
{
	char *room = session->reply + session->kept;
	size_t size = sizeof(session->reply) - 1 - session->kept;

	if (session->control_tls)
		return secure_receive(session->control_tls, room, size);
	return recv(session->control, room, size, 0);
}

static void take_replies(struct session *session,
	void (*replied)(struct session *session, int code, const char *line))
{
	char *line = session->reply, *end;

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
}

bool session_read_replies(struct session *session,
	void (*replied)(struct session *session, int code, const char *line))
{
	ssize_t got;

	if (session->control_tls && !SSL_is_init_finished(session->control_tls)) {
		if (secure_shake(session->control_tls))
			say_user(session);
		return true;
	}
	got = receive(session);
	if (got < 0 && errno != EAGAIN)
		load_die("recv: %m");
	session->kept += got > 0 ? (size_t)got : 0;
	if (got > 0)
		take_replies(session, replied);
	return got != 0;
}

bool session_log_in_further(struct session *session, int code)
{
	/* Behind 230: the last for all, the others for TLS. */
	static const char *const agreements[] = {"PBSZ 0", "PROT P", "TYPE I"};
	enum { AGREEMENTS = sizeof(agreements) / sizeof(agreements[0]) };

	if (code == 220 && session->job->tls)
		session_send(session, "AUTH TLS\r\n");
	else if (code == 220 || (code == 234 && secure_begin(session, false)))
		say_user(session);
	else if (code == 331)
		session_send(session, "PASS bench@\r\n");
	if (code == 230)
		session->agreed = session->job->tls ? 0 : AGREEMENTS - 1;
	if (code == 230 || (code == 200 && session->agreed < AGREEMENTS))
		session_send(session, "%s\r\n", agreements[session->agreed++]);
	else
		return code != 200;
	return true;
}

static void log_in_further(struct session *session, int code, const char *line)
{
	(void)line;
	session->told = !session_log_in_further(session, code);
}

void session_log_in(struct session *session)
{
	session->control = session_connect(&session->job->server);
	session->told = false;
	while (!session->told) {
		struct pollfd watch = {.fd = session->control, .events = POLLIN};

		(void)poll(&watch, 1, -1);
		if (!session_read_replies(session, log_in_further))
			load_die("the server closed session %d in its login", session->number);
	}
}

void session_close(struct session *session)
{
	secure_free(&session->control_tls);
	SSL_SESSION_free(session->resumable);
	session->resumable = NULL;
	close(session->control);
}

void session_done(struct session *session)
{
	session->operations++;
	begin_or_rest(session);
}
