#include "common/address.h"

#include "tests/unit/suite.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>

static struct address parsed(const char *host, uint16_t port)
{
	struct address address;

	ck_assert_msg(address_parse(&address, host, port) == 0, "%s is an address", host);
	return address;
}

START_TEST(text_goes_there_and_back)
{
	static const struct {
		const char *host;
		uint16_t port, family;
		const char *whole;
	} rows[] = {
		{"192.0.2.1", 8888, AF_INET, "192.0.2.1:8888"},
		{"0.0.0.0", 0, AF_INET, "0.0.0.0:0"},
		{"255.255.255.255", 65535, AF_INET, "255.255.255.255:65535"},
		{"2001:db8::1", 7, AF_INET6, "[2001:db8::1]:7"},
		{"::", 1, AF_INET6, "[::]:1"},
		{"::1", 65535, AF_INET6, "[::1]:65535"},
		{"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535, AF_INET6,
			"[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535"},
	};
	char text[ADDRESS_TEXT];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct address address = parsed(rows[i].host, rows[i].port);

		ck_assert_uint_eq(address.family, rows[i].family);
		ck_assert_uint_eq(address.port, rows[i].port);
		ck_assert_ptr_eq(address_format(&address, text), text);
		ck_assert_str_eq(text, rows[i].whole);
		ck_assert_ptr_eq(address_format_host(&address, text), text);
		ck_assert_str_eq(text, rows[i].host);
	}
}
END_TEST

START_TEST(what_is_no_address_is_refused)
{
	static const char *const wrong[] = {"", " ", "localhost", "192.0.2", "192.0.2.256",
		"192.0.2.1.1", "192.0.2.1 ", " 192.0.2.1", "192.0.2.1:80", "[::1]", "::1::", ":",
		"2001:db8:::1", "fe80::1%", "fe80::1%no-such-interface",
		"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"};
	struct address address;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(address_parse(&address, wrong[i], 1) == -EINVAL, "%s is no address",
			wrong[i]);
}
END_TEST

START_TEST(scope_is_kept)
{
	unsigned int loopback = if_nametoindex("lo");
	struct sockaddr_storage socket_address;
	struct address address, back;
	char text[ADDRESS_TEXT], expected[ADDRESS_TEXT];

	if (loopback == 0)
		suite_skip("there is no interface lo");
	address = parsed("fe80::1%lo", 8888);
	ck_assert_uint_eq(address.scope, loopback);
	snprintf(expected, sizeof(expected), "[fe80::1%%%u]:8888", loopback);
	ck_assert_str_eq(address_format(&address, text), expected);
	ck_assert_uint_eq(
		address_to_socket(&address, &socket_address), sizeof(struct sockaddr_in6));
	ck_assert_int_eq(address_from_socket(&back, &socket_address), 0);
	ck_assert(address_equal(&address, &back));
	back.scope++;
	ck_assert(!address_same_host(&address, &back));
}
END_TEST

START_TEST(socket_address_goes_there_and_back)
{
	static const char *const hosts[] = {"192.0.2.1", "0.0.0.0", "2001:db8::1", "::"};
	struct sockaddr_storage socket_address;

	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
		struct address address = parsed(hosts[i], 40122), back;
		socklen_t length = address_to_socket(&address, &socket_address);

		ck_assert_uint_eq(socket_address.ss_family, address.family);
		ck_assert_uint_eq(length, address.family == AF_INET ? sizeof(struct sockaddr_in)
								    : sizeof(struct sockaddr_in6));
		ck_assert_int_eq(address_from_socket(&back, &socket_address), 0);
		ck_assert(address_equal(&address, &back));
	}
}
END_TEST

START_TEST(mapped_address_is_plain_ipv4)
{
	struct sockaddr_storage socket_address = {0};
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&socket_address;
	struct address mapped, plain = parsed("192.0.2.1", 4711);
	char text[ADDRESS_TEXT];

	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(4711);
	ck_assert_int_eq(inet_pton(AF_INET6, "::ffff:192.0.2.1", &in6->sin6_addr), 1);
	ck_assert_int_eq(address_from_socket(&mapped, &socket_address), 0);
	ck_assert(address_equal(&mapped, &plain));
	ck_assert_uint_eq(address_host_hash(&mapped), address_host_hash(&plain));
	ck_assert_str_eq(address_format(&mapped, text), "192.0.2.1:4711");
	/* By whichever way it comes in. */
	mapped = parsed("::ffff:192.0.2.1", 4711);
	ck_assert(address_equal(&mapped, &plain));
}
END_TEST

START_TEST(other_families_are_refused)
{
	struct sockaddr_storage socket_address = {.ss_family = AF_UNIX};
	struct address address;

	ck_assert_int_eq(address_from_socket(&address, &socket_address), -EAFNOSUPPORT);
}
END_TEST

START_TEST(none_has_a_text)
{
	struct address none = {0};
	char text[ADDRESS_TEXT];

	ck_assert_uint_gt(strlen(address_format_host(&none, text)), 0);
	ck_assert_uint_lt(strlen(address_format(&none, text)), ADDRESS_TEXT);
}
END_TEST

/* From the board anything may come. */
START_TEST(any_bytes_have_a_text)
{
	struct address address;
	char text[ADDRESS_TEXT];

	for (int round = 0; round < 10000; round++) {
		for (size_t i = 0; i < sizeof(address); i++)
			((unsigned char *)&address)[i] = (unsigned char)random();
		if (round % 2)
			address.family = round % 4 == 1 ? AF_INET : AF_INET6;
		memset(text, 'x', sizeof(text));
		address_format(&address, text);
		ck_assert_ptr_nonnull(memchr(text, '\0', sizeof(text)));
		address_format_host(&address, text);
		ck_assert_ptr_nonnull(memchr(text, '\0', sizeof(text)));
	}
}
END_TEST

START_TEST(hosts_and_ports_are_told_apart)
{
	struct address a = parsed("192.0.2.1", 1), b = parsed("192.0.2.1", 2);
	struct address c = parsed("192.0.2.2", 1), d = parsed("2001:db8::1", 1);
	struct address e = parsed("2001:db8::2", 1);
	/* The same first four bytes as an IPv4 address. */
	struct address f = parsed("c000:201::", 1);

	ck_assert(address_same_host(&a, &b) && !address_equal(&a, &b));
	ck_assert(address_equal(&a, &a));
	ck_assert(!address_same_host(&a, &c) && !address_equal(&a, &c));
	ck_assert(!address_same_host(&d, &e));
	ck_assert(!address_same_host(&a, &d) && !address_same_host(&a, &f));
	ck_assert_uint_eq(address_host_hash(&a), address_host_hash(&b));
}
END_TEST

/* A /16 over 4096 buckets: no bucket has much more than its share. */
START_TEST(hash_spreads_hosts)
{
	static unsigned int buckets[4096];
	unsigned int fullest = 0;
	char host[20];

	for (unsigned int i = 0; i < 65536; i++) {
		struct address address;

		snprintf(host, sizeof(host), "10.0.%u.%u", i >> 8, i & 255);
		address = parsed(host, (uint16_t)i);
		buckets[address_host_hash(&address) % 4096]++;
	}
	for (size_t i = 0; i < 4096; i++)
		fullest = buckets[i] > fullest ? buckets[i] : fullest;
	ck_assert_uint_lt(fullest, 8 * 16);
}
END_TEST

SUITE(address, text_goes_there_and_back, what_is_no_address_is_refused, scope_is_kept,
	socket_address_goes_there_and_back, mapped_address_is_plain_ipv4,
	other_families_are_refused, none_has_a_text, any_bytes_have_a_text,
	hosts_and_ports_are_told_apart, hash_spreads_hosts)
