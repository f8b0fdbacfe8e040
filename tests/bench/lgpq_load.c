/* lgpq_load: keeps N connections to a server on loopback busy with one framed get of LGPQ each, for
 * a given time, and prints how many were answered a second.
 *
 *     lgpq_load PORT CONNECTIONS SECONDS NAME SIZE [reconnect]
 *
 * One thread and one epoll set, so that it costs less than the server it measures. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 64, READ_SIZE = 1 << 16, DESCRIPTORS = 1 << 16, REPLY_LINE_LONGEST = 64 };

struct load {
	struct sockaddr_in server;
	char request[300];
	size_t request_length;
	size_t reply_length; /* of a whole reply, its line included; learned from the first */
	int set;
	bool reconnect;
	size_t got[DESCRIPTORS];
	unsigned long answered;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static double now_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void ask(struct load *load, int connection)
{
	load->got[connection] = 0;
	if (send(connection, load->request, load->request_length, MSG_NOSIGNAL) < 0)
		die("send");
}

static int open_connection(const struct load *load)
{
	int one = 1, connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connection < 0 || connection >= DESCRIPTORS ||
		connect(connection, (const struct sockaddr *)&load->server, sizeof(load->server)) <
			0)
		die("connect");
	setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return connection;
}

static void start(struct load *load)
{
	int connection = open_connection(load);
	struct epoll_event event = {.events = EPOLLIN, .data.fd = connection};

	if (epoll_ctl(load->set, EPOLL_CTL_ADD, connection, &event) < 0)
		die("epoll_ctl");
	ask(load, connection);
}

/* The first reply tells how long all of them are: `OK <bytes>\t<mtime>\n` and the bytes. */
static void learn(struct load *load, size_t size)
{
	char line[REPLY_LINE_LONGEST] = "";
	int connection = open_connection(load);

	if (send(connection, load->request, load->request_length, MSG_NOSIGNAL) < 0 ||
		recv(connection, line, sizeof(line) - 1, MSG_PEEK) <= 0 || strncmp(line, "OK ", 3))
		die(line);
	load->reply_length = strcspn(line, "\n") + 1 + size;
	close(connection);
}

static void serve(struct load *load, int connection)
{
	static char bytes[READ_SIZE];
	ssize_t got = recv(connection, bytes, sizeof(bytes), 0);

	if (got <= 0)
		die("recv");
	load->got[connection] += (size_t)got;
	if (load->got[connection] < load->reply_length)
		return;
	load->answered++;
	if (load->reconnect) {
		close(connection);
		start(load);
	} else {
		ask(load, connection);
	}
}

static void run(struct load *load, double seconds)
{
	double began = now_seconds(), end = began + seconds;
	struct epoll_event events[EVENTS];

	while (now_seconds() < end) {
		int count = epoll_wait(load->set, events, EVENTS, 100);

		for (int i = 0; i < count; i++)
			serve(load, events[i].data.fd);
	}
	printf("%.0f\n", (double)load->answered / (now_seconds() - began));
}

int main(int argc, char **argv)
{
	static struct load load;

	if (argc < 6) {
		fputs("usage: lgpq_load PORT CONNECTIONS SECONDS NAME SIZE [reconnect]\n", stderr);
		return 2;
	}
	load.server = (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons((uint16_t)atoi(argv[1])),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	load.request_length =
		(size_t)snprintf(load.request, sizeof(load.request), "G\t%.200s\n", argv[4]);
	load.reconnect = argc > 6;
	load.set = epoll_create1(EPOLL_CLOEXEC);
	learn(&load, (size_t)atol(argv[5]));
	for (int i = 0; i < atoi(argv[2]); i++)
		start(&load);
	run(&load, atof(argv[3]));
	return 0;
}
