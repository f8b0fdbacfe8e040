/* TCP connections over loopback. */
#ifndef FTPOOL_TESTS_UNIT_LOOPBACK_H
#define FTPOOL_TESTS_UNIT_LOOPBACK_H

#include <arpa/inet.h>
#include <check.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

/* A listening socket on a free port of 127.0.0.1. */
static inline int loopback_listen(void)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(listening, (struct sockaddr *)&address, sizeof(address)), 0);
	ck_assert_int_eq(listen(listening, 128), 0);
	return listening;
}

static inline uint16_t loopback_port(int socket)
{
	struct sockaddr_in address = {0};
	socklen_t size = sizeof(address);

	ck_assert_int_eq(getsockname(socket, (struct sockaddr *)&address, &size), 0);
	return ntohs(address.sin_port);
}

/* A connection to the listening socket, from the loopback address 127.0.0.`from`. */
static inline int loopback_connect_from(int listening, uint8_t from)
{
	struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + from)};
	int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq(bind(client, (struct sockaddr *)&address, sizeof(address)), 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	address.sin_port = htons(loopback_port(listening));
	ck_assert_int_eq(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
	return client;
}

static inline int loopback_connect(int listening)
{
	return loopback_connect_from(listening, 1);
}

/* Both ends of a connection: [0] blocks, [1] never does. */
static inline void loopback_pair(int ends[2])
{
	int listening = loopback_listen();

	ends[0] = loopback_connect(listening);
	ends[1] = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	ck_assert_int_ge(ends[1], 0);
	close(listening);
}

#endif
