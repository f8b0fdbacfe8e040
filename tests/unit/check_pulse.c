#include "worker/pulse.h"

#include "tests/unit/loopback.h"
#include "tests/unit/suite.h"
#include "tests/unit/until.h"

#include <netinet/in.h>
#include <netinet/tcp.h>

static int option(int socket, int name)
{
	int value = -1;
	socklen_t size = sizeof(value);

	ck_assert_int_eq(getsockopt(socket, IPPROTO_TCP, name, &value, &size), 0);
	return value;
}

/* The kernel asks a client who has been silent for a second, and he answers by himself. */
START_TEST(who_lives_is_felt)
{
	int ends[2];
	int64_t asked;

	loopback_pair(ends);
	pulse_keep(ends[0]);
	ck_assert_int_eq(option(ends[0], TCP_KEEPIDLE), 60);
	ck_assert_int_eq(pulse_ask(ends[0]), PULSE_FELT); /* the handshake was just now */
	ck_assert_int_eq(option(ends[0], TCP_KEEPIDLE), 60);
	until(pulse_ask(ends[0]) == PULSE_WAITED);
	ck_assert_int_eq(option(ends[0], TCP_KEEPIDLE), 1);
	asked = clock_ms();
	until(pulse_feel(ends[0], clock_ms() - asked) == PULSE_FELT);
	pulse_keep(ends[0]);
	ck_assert_int_eq(option(ends[0], TCP_KEEPIDLE), 60);
	ck_assert_int_eq(option(ends[0], TCP_KEEPCNT), 4);
	ck_assert_int_eq(option(ends[0], TCP_KEEPINTVL), 15);
}
END_TEST

START_TEST(what_is_no_tcp_counts_as_alive)
{
	int ends[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	pulse_keep(ends[0]);
	ck_assert_int_eq(pulse_ask(ends[0]), PULSE_FELT);
}
END_TEST

SUITE(pulse, who_lives_is_felt, what_is_no_tcp_counts_as_alive)
