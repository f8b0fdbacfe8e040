#include "supervisor/refusal.h"

#include "tests/unit/loopback.h"
#include "tests/unit/suite.h"

#include <string.h>

enum { LISTENERS = 2 };

static struct config_listener rows[LISTENERS] = {
	{.protocol = PROTOCOL_FTP}, {.protocol = PROTOCOL_LGPQ}};
static struct config config = {.listeners = rows, .listener_count = LISTENERS};
static int sockets[LISTENERS];

static void open_listeners(void)
{
	for (int i = 0; i < LISTENERS; i++) {
		sockets[i] = loopback_listen();
		fcntl(sockets[i], F_SETFL, O_NONBLOCK);
	}
}

static unsigned int refuse(void)
{
	return refusal_answer(&config, sockets);
}

static size_t read_all(int client, char *text, size_t size)
{
	size_t length = 0;
	ssize_t got;

	while ((got = recv(client, text + length, size - 1 - length, 0)) > 0)
		length += (size_t)got;
	text[length] = '\0';
	return length;
}

START_TEST(who_waits_is_told_why)
{
	char text[200];
	int ftp, lgpq;

	open_listeners();
	ftp = loopback_connect(sockets[0]);
	lgpq = loopback_connect(sockets[1]);
	ck_assert_uint_eq(refuse(), LISTENERS);
	read_all(ftp, text, sizeof(text));
	ck_assert_mem_eq(text, "421 ", 4);
	ck_assert_uint_eq(read_all(lgpq, text, sizeof(text)), 0);
}
END_TEST

START_TEST(nobody_waits)
{
	open_listeners();
	ck_assert_uint_eq(refuse(), 0);
}
END_TEST

START_TEST(tls_is_not_answered_in_clear)
{
	char text[200];
	int client;

	rows[0].tls = TLS_IMPLICIT;
	open_listeners();
	client = loopback_connect(sockets[0]);
	ck_assert_uint_eq(refuse(), 1);
	ck_assert_uint_eq(read_all(client, text, sizeof(text)), 0);
}
END_TEST

SUITE(refusal, who_waits_is_told_why, nobody_waits, tls_is_not_answered_in_clear)
