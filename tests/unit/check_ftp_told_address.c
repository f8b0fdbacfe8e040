#include "worker/ftp/told_address.h"

#include "tests/unit/loading.h"
#include "tests/unit/quiet_log.h"
#include "tests/unit/suite.h"

#include <errno.h>

static struct engine engine;
static struct board board;
static struct config *config;

/* With this value of passive.address. */
static void prepare(const char *value)
{
	char text[300];

	quiet_log();
	snprintf(text, sizeof(text), "listener a { }\npassive { address = \"%s\" }\n", value);
	config = load_fine(text);
	ck_assert_int_eq(board_open(&board, 1, 1), 0);
	engine = (struct engine){.config = config, .board = &board};
	told_address_prepare(config);
}

static void forget(void)
{
	board_close(&board);
	config_free(config);
}

static struct address address_of(const char *host)
{
	struct address address;

	ck_assert_int_eq(address_parse(&address, host, 2121), 0);
	return address;
}

/* What a peer is told whose control connection came to 192.0.2.9; "" if nothing. */
static const char *told(const char *peer_host)
{
	static char text[ADDRESS_TEXT];
	struct address peer = address_of(peer_host), local = address_of("192.0.2.9"), address;
	int error = told_address(&address, &engine, &peer, &local);

	if (error < 0) {
		ck_assert_int_eq(error, -EADDRNOTAVAIL);
		return "";
	}
	ck_assert_uint_eq(address.port, 2121);
	return address_format_host(&address, text);
}

START_TEST(nothing_configured_is_the_local_address)
{
	prepare("");
	ck_assert_str_eq(told("198.51.100.1"), "192.0.2.9");
	ck_assert_str_eq(told("127.0.0.1"), "192.0.2.9");
	forget();
}
END_TEST

START_TEST(one_address_is_for_all_from_outside)
{
	prepare("203.0.113.5");
	ck_assert_str_eq(told("198.51.100.1"), "203.0.113.5");
	forget();
}
END_TEST

/* Loopback is an interface of every machine. */
START_TEST(neighbours_are_told_the_local_address)
{
	prepare("203.0.113.5 198.51.100.0/24=203.0.113.6");
	ck_assert_str_eq(told("127.0.0.1"), "192.0.2.9");
	ck_assert_str_eq(told("127.200.0.1"), "192.0.2.9");
	ck_assert_str_eq(told("203.0.113.77"), "203.0.113.5");
	forget();
}
END_TEST

START_TEST(neighbours_whose_network_is_named_are_told_its_address)
{
	prepare("203.0.113.5 127.0.0.0/8=127.0.0.2");
	ck_assert_str_eq(told("127.0.0.1"), "127.0.0.2");
	forget();
}
END_TEST

START_TEST(smallest_network_counts)
{
	prepare("10.0.0.0/8=10.9.9.9 10.1.0.0/16=10.1.9.9 10.1.2.3=10.1.2.9 0.0.0.0/0=203.0.113.1 "
		"203.0.113.5");
	ck_assert_str_eq(told("10.1.2.3"), "10.1.2.9");
	ck_assert_str_eq(told("10.1.2.4"), "10.1.9.9");
	ck_assert_str_eq(told("10.2.0.0"), "10.9.9.9");
	ck_assert_str_eq(told("11.0.0.0"), "203.0.113.1");
	forget();
}
END_TEST

START_TEST(networks_alone_leave_the_others_the_local_address)
{
	prepare("10.0.0.0/8=10.9.9.9");
	ck_assert_str_eq(told("10.0.0.1"), "10.9.9.9");
	ck_assert_str_eq(told("198.51.100.1"), "192.0.2.9");
	forget();
}
END_TEST

START_TEST(names_are_looked_for_on_the_board)
{
	struct address found = address_of("203.0.113.7");

	prepare("10.0.0.0/8=10.9.9.9 ftp.example.org 11.0.0.0/8=eleven");
	ck_assert_str_eq(told("198.51.100.1"), "");
	ck_assert_str_eq(told("11.0.0.1"), "");
	board_name_write(&board, 1, &found);
	ck_assert_str_eq(told("198.51.100.1"), "203.0.113.7");
	ck_assert_str_eq(told("11.0.0.1"), "");
	ck_assert_str_eq(told("10.0.0.1"), "10.9.9.9");
	forget();
}
END_TEST

START_TEST(nonsense_on_the_board_is_not_told)
{
	struct address nonsense = address_of("239.1.2.3");

	prepare("ftp.example.org");
	board_name_write(&board, 0, &nonsense);
	ck_assert_str_eq(told("198.51.100.1"), "");
	forget();
}
END_TEST

START_TEST(ipv6_has_none)
{
	struct address local = address_of("::1"), peer = address_of("::1"), address;

	prepare("203.0.113.5");
	ck_assert_int_eq(told_address(&address, &engine, &peer, &local), -EADDRNOTAVAIL);
	forget();
}
END_TEST

SUITE(ftp_told_address, nothing_configured_is_the_local_address,
	one_address_is_for_all_from_outside, neighbours_are_told_the_local_address,
	neighbours_whose_network_is_named_are_told_its_address, smallest_network_counts,
	networks_alone_leave_the_others_the_local_address, names_are_looked_for_on_the_board,
	nonsense_on_the_board_is_not_told, ipv6_has_none)
