#include "supervisor/port_owner.h"

#include "tests/unit/loopback.h"
#include "tests/unit/suite.h"

#include <string.h>
#include <sys/wait.h>

static struct address at(const char *host, uint16_t port)
{
	struct address address;

	ck_assert_int_eq(address_parse(&address, host, port), 0);
	return address;
}

static void expect_owner(const char *host, uint16_t port, pid_t pid)
{
	struct address address = at(host, port);
	char owner[PORT_OWNER], words[40];

	snprintf(words, sizeof(words), " (pid %d)", (int)pid);
	ck_assert_msg(port_owner(owner, &address), "%s:%u has an owner", host, port);
	ck_assert_msg(strstr(owner, words), "%s:%u: %s, not%s", host, port, owner, words);
}

START_TEST(owner_has_name_and_pid)
{
	int listening = loopback_listen();
	struct address address = at("127.0.0.1", loopback_port(listening));
	char owner[PORT_OWNER], wanted[PORT_OWNER], name[17] = "";
	FILE *comm = fopen("/proc/self/comm", "r");

	ck_assert_ptr_nonnull(fgets(name, sizeof(name), comm));
	fclose(comm);
	name[strcspn(name, "\n")] = '\0';
	snprintf(wanted, sizeof(wanted), "%s (pid %d)", name, (int)getpid());
	ck_assert(port_owner(owner, &address));
	ck_assert_str_eq(owner, wanted);
	close(listening);
}
END_TEST

START_TEST(nobody_listens)
{
	int listening = loopback_listen(), client = loopback_connect(listening);
	struct address address = at("127.0.0.1", loopback_port(listening));
	char owner[PORT_OWNER];

	/* A connection on that port is no listener. */
	close(listening);
	ck_assert(!port_owner(owner, &address));
	close(client);
}
END_TEST

START_TEST(ipv6)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
	int listening = socket(AF_INET6, SOCK_STREAM, 0);
	socklen_t size = sizeof(any);

	if (listening < 0 || bind(listening, (struct sockaddr *)&any, sizeof(any)) < 0)
		suite_skip("no IPv6 here");
	ck_assert_int_eq(listen(listening, 1), 0);
	ck_assert_int_eq(getsockname(listening, (struct sockaddr *)&any, &size), 0);
	expect_owner("::1", ntohs(any.sin6_port), getpid());
	close(listening);
}
END_TEST

/* Listens on the port of 127.0.0.2, in a process of its own, until the tube is closed. */
static pid_t second_listener(uint16_t port, int tube[2])
{
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1)};
	int ready[2];
	char byte;
	pid_t child;

	ck_assert(pipe(tube) == 0 && pipe(ready) == 0);
	child = fork();
	if (child == 0) {
		int listening = socket(AF_INET, SOCK_STREAM, 0);

		close(tube[1]);
		if (bind(listening, (struct sockaddr *)&address, sizeof(address)) == 0 &&
			listen(listening, 1) == 0 && write(ready[1], "!", 1) == 1)
			(void)!read(tube[0], &byte, 1);
		_exit(0);
	}
	close(ready[1]);
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	return child;
}

/* Two processes on one port of different addresses: each is told for his own. */
START_TEST(addresses_are_told_apart)
{
	int reserved = loopback_listen(), listening, tube[2], status;
	uint16_t port = loopback_port(reserved);
	struct sockaddr_in address = {.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	pid_t child;

	close(reserved);
	child = second_listener(port, tube);
	listening = socket(AF_INET, SOCK_STREAM, 0);
	ck_assert_int_eq(bind(listening, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(listening, 1), 0);
	expect_owner("127.0.0.1", port, getpid());
	expect_owner("127.0.0.2", port, child);
	close(tube[1]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	close(listening);
}
END_TEST

SUITE(port_owner, owner_has_name_and_pid, nobody_listens, ipv6, addresses_are_told_apart)
