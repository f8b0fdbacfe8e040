/* ftp_limit: what the kernel and OpenSSL alone cost: the fewest system calls that answer the load
 * generator.
 *
 *     ftp_limit PORT ROOT [CERTIFICATE]
 *
 * A thread per session, a passive listener that is kept, sendfile for downloads, recv and write for
 * uploads, one look at each name of a list, whose line says nothing of what was seen. It checks
 * nothing and answers only what the generator says; no server could be this careless. */
#include "tests/bench/ftp_limit_wire.h"
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { THREADS = 64, COMMAND_LONGEST = 512, LINE_LONGEST = 512, CHUNK = 1 << 18, BACKLOG = 1024 };

static int listener;
static SSL_CTX *tls; /* NULL: all goes in clear */

struct session {
	struct wire control;
	int passive;
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

static void say(struct session *session, const char *words)
{
	(void)wire_write(&session->control, words, strlen(words));
}

/* Answers the transfer's command, and opens its data connection. */
static struct wire accept_data(struct session *session)
{
	struct wire data = {.socket = accept_from(session->passive)};

	say(session, "150 Here.\r\n");
	if (session->control.tls && !wire_secure(&data, tls, true))
		die("handshake");
	return data;
}

static void end_data(struct session *session, struct wire *data)
{
	wire_close(data);
	say(session, "226 Done.\r\n");
}

static void retrieve(struct session *session, const char *name)
{
	int file = open(name, O_RDONLY | O_CLOEXEC);
	struct stat facts;
	struct wire data;

	if (file < 0 || fstat(file, &facts) < 0) {
		say(session, "550 No.\r\n");
		return;
	}
	data = accept_data(session);
	(void)wire_send_file(&data, file, facts.st_size);
	close(file);
	end_data(session, &data);
}

static void store(struct session *session, const char *name)
{
	static _Thread_local char bytes[CHUNK];
	int file = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	struct wire data;
	ssize_t got;

	if (file < 0) {
		say(session, "550 No.\r\n");
		return;
	}
	data = accept_data(session);
	while ((got = wire_read(&data, bytes, sizeof(bytes))) > 0) {
		if (write(file, bytes, (size_t)got) != got)
			die("write");
	}
	close(file);
	end_data(session, &data);
}

static size_t write_line(char *line, const char *name)
{
	static const char before[] = "-rw-r--r--   1 ftp      ftp             0 Jan  1 00:00 ";
	size_t length = strlen(name);

	memcpy(line, before, sizeof(before) - 1);
	memcpy(line + sizeof(before) - 1, name, length);
	memcpy(line + sizeof(before) - 1 + length, "\r\n", 2);
	return sizeof(before) - 1 + length + 2;
}

static void list(struct session *session, const char *name)
{
	static _Thread_local char lines[CHUNK];
	DIR *directory = opendir(name);
	struct wire data = accept_data(session);
	struct dirent *entry;
	struct stat facts;
	size_t used = 0;

	while (directory && (entry = readdir(directory))) {
		if (entry->d_name[0] == '.' ||
			fstatat(dirfd(directory), entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		used += write_line(lines + used, entry->d_name);
		if (sizeof(lines) - used < LINE_LONGEST) {
			(void)wire_write(&data, lines, used);
			used = 0;
		}
	}
	(void)wire_write(&data, lines, used);
	if (directory)
		closedir(directory);
	end_data(session, &data);
}

static void offer_port(struct session *session)
{
	char words[64];

	if (session->passive < 0)
		session->passive = listen_at(0, &session->passive_port);
	snprintf(words, sizeof(words), "229 Port (|||%d|)\r\n", session->passive_port);
	say(session, words);
}

static void protect(struct session *session)
{
	say(session, "234 Go on.\r\n");
	if (!wire_secure(&session->control, tls, false))
		die("handshake");
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
	else if (!strncmp(line, "LIST ", 5) || !strncmp(line, "MLSD ", 5))
		list(session, line + 5);
	else if (!strncmp(line, "AUTH ", 5) && tls)
		protect(session);
	else if (!strncmp(line, "USER ", 5))
		say(session, "331 Who?\r\n");
	else if (!strncmp(line, "PASS ", 5))
		say(session, "230 Welcome.\r\n");
	else if (!strncmp(line, "QUIT", 4))
		say(session, "221 Bye.\r\n");
	else
		say(session, "200 So be it.\r\n");
	return strncmp(line, "QUIT", 4) != 0;
}

static void *serve(void *unused)
{
	for (;;) {
		struct session session = {.control.socket = accept_from(listener), .passive = -1};
		char line[COMMAND_LONGEST];
		ssize_t got;
		int one = 1;

		setsockopt(session.control.socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		say(&session, "220 Hello.\r\n");
		while ((got = wire_read(&session.control, line, sizeof(line) - 1)) > 0) {
			line[got] = '\0';
			line[strcspn(line, "\r\n")] = '\0';
			if (!obey(&session, line))
				break;
		}
		wire_close(&session.control);
		if (session.passive >= 0)
			close(session.passive);
	}
	return unused;
}

int main(int argc, char **argv)
{
	in_port_t port;
	pthread_t thread;

	if (argc < 3 || argc > 4 || chdir(argv[2]) < 0) {
		fputs("usage: ftp_limit PORT ROOT [CERTIFICATE]\n", stderr);
		return 2;
	}
	if (argc == 4 && !(tls = wire_context(argv[3])))
		die("certificate");
	signal(SIGPIPE, SIG_IGN);
	listener = listen_at((in_port_t)atoi(argv[1]), &port);
	for (int i = 1; i < THREADS; i++)
		pthread_create(&thread, NULL, serve, NULL);
	serve(NULL);
	return 0;
}
