/* ftp_limit: what the kernel alone costs: the fewest system calls that answer the load generator.
 *
 *     ftp_limit PORT ROOT
 *
 * A thread per session, a passive listener that is kept, sendfile for downloads, recv and write for
 * uploads. It checks nothing and answers only USER, PASS, TYPE, EPSV, RETR, STOR and QUIT; no
 * server could be this careless, so none is this fast. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { THREADS = 64, COMMAND_LONGEST = 512, CHUNK = 1 << 18, BACKLOG = 1024 };

static int listener;

struct session {
	int control, passive;
	in_port_t passive_port;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static int listen_at(in_port_t port, in_port_t *chosen)
{
	struct sockaddr_in here = {.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(here);
	int one = 1, made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(made, (struct sockaddr *)&here, sizeof(here)) < 0 || listen(made, BACKLOG) < 0 ||
		getsockname(made, (struct sockaddr *)&here, &length) < 0)
		die("listen");
	*chosen = ntohs(here.sin_port);
	return made;
}

static int accept_from(int from)
{
	int taken = accept4(from, NULL, NULL, SOCK_CLOEXEC);

	if (taken < 0)
		die("accept");
	return taken;
}

static void say(const struct session *session, const char *words)
{
	send(session->control, words, strlen(words), MSG_NOSIGNAL);
}

static void retrieve(const struct session *session, const char *name)
{
	int file = open(name, O_RDONLY | O_CLOEXEC), data;
	struct stat facts;

	if (file < 0 || fstat(file, &facts) < 0) {
		say(session, "550 No.\r\n");
		return;
	}
	data = accept_from(session->passive);
	say(session, "150 Here.\r\n");
	for (off_t at = 0; at < facts.st_size;) {
		if (sendfile(data, file, &at, (size_t)(facts.st_size - at)) <= 0)
			break;
	}
	close(data);
	close(file);
	say(session, "226 Done.\r\n");
}

static void store(const struct session *session, const char *name)
{
	static _Thread_local char bytes[CHUNK];
	int file = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644), data;
	ssize_t got;

	if (file < 0) {
		say(session, "550 No.\r\n");
		return;
	}
	data = accept_from(session->passive);
	say(session, "150 Go on.\r\n");
	while ((got = recv(data, bytes, sizeof(bytes), 0)) > 0) {
		if (write(file, bytes, (size_t)got) != got)
			die("write");
	}
	close(data);
	close(file);
	say(session, "226 Done.\r\n");
}

static void offer_port(struct session *session)
{
	char words[64];

	if (session->passive < 0)
		session->passive = listen_at(0, &session->passive_port);
	snprintf(words, sizeof(words), "229 Port (|||%d|)\r\n", session->passive_port);
	say(session, words);
}

/* False after QUIT. */
static bool obey(struct session *session, const char *line)
{
	if (!strncmp(line, "EPSV", 4))
		offer_port(session);
	else if (!strncmp(line, "RETR ", 5))
		retrieve(session, line + 5);
	else if (!strncmp(line, "STOR ", 5))
		store(session, line + 5);
	else if (!strncmp(line, "USER ", 5))
		say(session, "331 Who?\r\n");
	else if (!strncmp(line, "PASS ", 5))
		say(session, "230 Welcome.\r\n");
	else if (!strncmp(line, "TYPE ", 5))
		say(session, "200 So be it.\r\n");
	else
		say(session, "221 Bye.\r\n");
	return strncmp(line, "QUIT", 4) != 0;
}

static void *serve(void *unused)
{
	for (;;) {
		struct session session = {.control = accept_from(listener), .passive = -1};
		char line[COMMAND_LONGEST];
		ssize_t got;
		int one = 1;

		setsockopt(session.control, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		say(&session, "220 Hello.\r\n");
		while ((got = recv(session.control, line, sizeof(line) - 1, 0)) > 0) {
			line[got] = '\0';
			line[strcspn(line, "\r\n")] = '\0';
			if (!obey(&session, line))
				break;
		}
		close(session.control);
		if (session.passive >= 0)
			close(session.passive);
	}
	return unused;
}

int main(int argc, char **argv)
{
	in_port_t port;
	pthread_t thread;

	if (argc != 3 || chdir(argv[2]) < 0) {
		fputs("usage: ftp_limit PORT ROOT\n", stderr);
		return 2;
	}
	listener = listen_at((in_port_t)atoi(argv[1]), &port);
	for (int i = 1; i < THREADS; i++)
		pthread_create(&thread, NULL, serve, NULL);
	serve(NULL);
	return 0;
}
