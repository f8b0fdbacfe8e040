#include "worker/ftp/passive_port.h"

#include "tests/unit/loopback.h"
#include "tests/unit/suite.h"

#include <errno.h>

static struct address local;

static int listen_in(uint16_t first, uint16_t last)
{
	struct config_ports range = {first, last};

	ck_assert_int_eq(address_parse(&local, "127.0.0.1", 0), 0);
	return passive_port_listen(&local, &range);
}

/* Three ports in a row that nobody has, below those that the system and the end-to-end tests hand
 * out, so that nobody takes them meanwhile. */
static uint16_t find_range(void)
{
	for (uint16_t first = (uint16_t)(3000 + getpid() % 2000); first < 9000; first += 3) {
		int sockets[3];
		bool is_free = true;

		for (int i = 0; i < 3; i++) {
			sockets[i] = listen_in((uint16_t)(first + i), (uint16_t)(first + i));
			is_free = is_free && sockets[i] >= 0;
		}
		for (int i = 0; i < 3; i++) {
			if (sockets[i] >= 0)
				close(sockets[i]);
		}
		if (is_free)
			return first;
	}
	ck_abort_msg("no three ports are free");
}

START_TEST(without_a_range_the_system_chooses)
{
	int socket = listen_in(0, 0);

	ck_assert_int_ge(socket, 0);
	ck_assert_uint_gt(local.port, 0);
	ck_assert_uint_eq(local.port, loopback_port(socket));
	close(loopback_connect(socket));
	close(socket);
}
END_TEST

/* All of it is used, nothing outside, and the last one is told so. */
START_TEST(range_is_used_up_and_never_left)
{
	uint16_t first = find_range();
	int sockets[3];
	bool used[3] = {false};

	for (int i = 0; i < 3; i++) {
		sockets[i] = listen_in(first, (uint16_t)(first + 2));
		ck_assert_int_ge(sockets[i], 0);
		ck_assert_uint_ge(local.port, first);
		ck_assert_uint_le(local.port, first + 2);
		ck_assert(!used[local.port - first]);
		used[local.port - first] = true;
	}
	ck_assert_int_eq(listen_in(first, (uint16_t)(first + 2)), -EADDRINUSE);
	close(sockets[1]);
	ck_assert_int_ge(listen_in(first, (uint16_t)(first + 2)), 0);
}
END_TEST

/* A connection in TIME_WAIT does not take the port away. */
START_TEST(port_is_usable_again_at_once)
{
	uint16_t port = find_range();
	int socket = listen_in(port, port);
	int client, server;

	ck_assert_int_ge(socket, 0);
	client = loopback_connect(socket);
	server = accept(socket, NULL, NULL);
	ck_assert_int_ge(server, 0);
	close(server);
	close(client);
	close(socket);
	ck_assert_int_ge(listen_in(port, port), 0);
}
END_TEST

SUITE(ftp_passive_port, without_a_range_the_system_chooses, range_is_used_up_and_never_left,
	port_is_usable_again_at_once)
