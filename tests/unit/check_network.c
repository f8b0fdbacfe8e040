#include "common/network.h"

#include "tests/unit/suite.h"

#include <errno.h>
#include <string.h>

static struct network parsed(const char *text)
{
	struct network network;

	ck_assert_msg(network_parse(&network, text) == 0, "%s is a network", text);
	return network;
}

static struct address address_of(const char *host)
{
	struct address address;

	ck_assert_int_eq(address_parse(&address, host, 1234), 0);
	return address;
}

static bool holds(const char *network, const char *host)
{
	struct network parsed_network = parsed(network);
	struct address address = address_of(host);

	return network_contains(&parsed_network, &address);
}

START_TEST(holds_what_begins_alike)
{
	static const struct {
		const char *network, *in, *out;
	} rows[] = {
		{"10.0.0.0/8", "10.255.255.255", "11.0.0.0"},
		{"192.0.2.0/24", "192.0.2.0", "192.0.3.0"},
		{"192.0.2.128/25", "192.0.2.200", "192.0.2.127"},
		{"172.16.0.0/12", "172.31.255.255", "172.32.0.0"},
		{"192.0.2.1", "192.0.2.1", "192.0.2.0"},
		{"192.0.2.1/32", "192.0.2.1", "192.0.2.2"},
		{"0.0.0.0/0", "255.255.255.255", "::1"},
		{"::/0", "ffff::", "0.0.0.0"},
		{"2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"},
		{"2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::"},
		{"fe80::/10", "fe80::1", "fec0::1"},
		{"::1", "::1", "::2"},
		/* One client is one address, however he comes. */
		{"10.0.0.0/8", "::ffff:10.1.2.3", "::10.1.2.3"},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_msg(holds(rows[i].network, rows[i].in), "%s is not in %s", rows[i].in,
			rows[i].network);
		ck_assert_msg(!holds(rows[i].network, rows[i].out), "%s is in %s", rows[i].out,
			rows[i].network);
	}
}
END_TEST

START_TEST(each_length_of_prefix_counts)
{
	struct address first = address_of("255.255.255.255"),
		       sixth = address_of("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");

	for (unsigned int bits = 1; bits <= 32; bits++) {
		struct network network = network_around(&first, bits);
		struct address other = first;

		other.host[(bits - 1) / 8] ^= (uint8_t)(0x80 >> (bits - 1) % 8);
		ck_assert(network_contains(&network, &first));
		ck_assert(!network_contains(&network, &other));
	}
	for (unsigned int bits = 1; bits <= 128; bits++) {
		struct network network = network_around(&sixth, bits);
		struct address other = sixth;

		other.host[(bits - 1) / 8] ^= (uint8_t)(0x80 >> (bits - 1) % 8);
		ck_assert(network_contains(&network, &sixth));
		ck_assert(!network_contains(&network, &other));
	}
}
END_TEST

START_TEST(what_is_no_network_is_refused)
{
	static const char *const wrong[] = {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "::/129",
		"10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/ 8", "10.0.0.0/8 ", "10.0.0.0/8/8",
		"10.0.0.0/0008", "10.0.0.0/4294967304", "10.0.0.0/255.0.0.0", "10/8", "10.0.0.1/8",
		"192.0.2.1/31", "2001:db8::1/32", "fe80::1%1/64", "example.org", "example.org/8",
		"0.0.0.1/0", "999.0.0.0/8"};
	char longest[300];
	struct network network;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(network_parse(&network, wrong[i]) == -EINVAL, "taken: %s", wrong[i]);
	memset(longest, '1', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	ck_assert_int_eq(network_parse(&network, longest), -EINVAL);
}
END_TEST

START_TEST(around_an_address_are_its_neighbours)
{
	struct address address = address_of("192.0.2.77");
	struct network network = network_around(&address, 24), same = parsed("192.0.2.0/24");
	struct network other = parsed("192.0.2.0/25");

	ck_assert(network_equal(&network, &same));
	ck_assert(!network_equal(&network, &other));
	ck_assert_uint_eq(network.base.port, 0);
	network = network_around(&address, 1000);
	ck_assert_uint_eq(network.bits, 32);
}
END_TEST

START_TEST(client_is_an_address_or_a_64)
{
	static const struct {
		const char *address, *client;
	} clients[] = {{"192.0.2.77", "192.0.2.77"}, {"::ffff:192.0.2.77", "192.0.2.77"},
		{"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"}, {"::1", "::/64"},
		{"fe80::1:2", "fe80::1:2"}, {"febf::7", "febf::7"}, {"fec0::7", "fec0::/64"}};

	for (size_t i = 0; i < sizeof(clients) / sizeof(clients[0]); i++) {
		struct address address = address_of(clients[i].address);
		struct network client = network_of_client(&address);
		struct network expected = parsed(clients[i].client);

		ck_assert_msg(network_equal(&client, &expected), "%s", clients[i].address);
	}
}
END_TEST

SUITE(network, client_is_an_address_or_a_64, holds_what_begins_alike, each_length_of_prefix_counts,
	what_is_no_network_is_refused, around_an_address_are_its_neighbours)
