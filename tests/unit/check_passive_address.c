#include "common/passive_address.h"

#include "tests/unit/suite.h"

#include <string.h>

static struct passive_address item;

static void expect_fine(const char *text)
{
	const char *wrong = passive_address_read(&item, text);

	ck_assert_msg(!wrong, "%s %s", text, wrong);
}

static const char *host_text(void)
{
	static char text[ADDRESS_TEXT];

	return address_format_host(&item.address, text);
}

START_TEST(address_or_name_for_all)
{
	expect_fine("192.0.2.1");
	ck_assert(item.for_all && !item.name);
	ck_assert_str_eq(host_text(), "192.0.2.1");
	expect_fine("ftp.example.org");
	ck_assert(item.for_all);
	ck_assert_str_eq(item.name, "ftp.example.org");
	ck_assert_uint_eq(item.address.family, 0);
}
END_TEST

START_TEST(address_or_name_for_a_network)
{
	struct network network;

	ck_assert_int_eq(network_parse(&network, "10.0.0.0/8"), 0);
	expect_fine("10.0.0.0/8=10.1.2.3");
	ck_assert(!item.for_all && !item.name);
	ck_assert(network_equal(&item.network, &network));
	ck_assert_str_eq(host_text(), "10.1.2.3");
	expect_fine("10.0.0.0/8=inside");
	ck_assert(!item.for_all);
	ck_assert_str_eq(item.name, "inside");
	expect_fine("198.51.100.7=192.0.2.1");
	ck_assert_uint_eq(item.network.bits, 32);
}
END_TEST

START_TEST(names_are_those_of_hosts)
{
	static const char *const names[] = {"a", "localhost", "x-1.example.org", "3com.example",
		"example.org.", "1.2.3.x", "xn--bcher-kva.example"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		expect_fine(names[i]);
		ck_assert_str_eq(item.name, names[i]);
	}
}
END_TEST

START_TEST(what_cannot_be_told_is_refused)
{
	static const struct {
		const char *text, *words;
	} rows[] = {{"0.0.0.0", "could connect"}, {"0.1.2.3", "could connect"},
		{"255.255.255.255", "could connect"}, {"224.0.0.1", "could connect"},
		{"10.0.0.0/8=0.0.0.0", "could connect"}, {"::1", "PASV"}, {"2001:db8::1", "PASV"},
		{"::/0=192.0.2.1", "PASV"}, {"", "host name"}, {"192.0.2", "host name"},
		{"192.0.2.256", "host name"}, {"192.0.2.1.5", "host name"}, {"-a", "host name"},
		{"a-", "host name"}, {"a..b", "host name"}, {".a", "host name"}, {".", "host name"},
		{"a_b", "host name"}, {"a b", "host name"}, {"a/b", "host name"},
		{"192.0.2.1:21", "host name"}, {"\xc3\xbc.example", "host name"},
		{"=192.0.2.1", "network"}, {"10.0.0.0/8=", "host name"},
		{"10.0.0.0/8==a", "host name"}, {"10.0.0.1/8=a", "network"}, {"a=b", "network"},
		{"10.0.0.0/33=a", "network"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *wrong = passive_address_read(&item, rows[i].text);

		ck_assert_msg(wrong && strstr(wrong, rows[i].words), "%s: %s", rows[i].text,
			wrong ? wrong : "taken");
	}
}
END_TEST

START_TEST(long_texts_are_refused)
{
	char text[400];

	memset(text, 'a', 64);
	strcpy(text + 64, ".example");
	ck_assert_ptr_nonnull(passive_address_read(&item, text));
	expect_fine(text + 1);
	for (size_t i = 0; i < 253; i += 2)
		memcpy(text + i, "a.", 2);
	text[253] = '\0';
	expect_fine(text);
	strcpy(text + 253, "bc");
	ck_assert_ptr_nonnull(passive_address_read(&item, text));
	memset(text, '1', 300);
	strcpy(text + 300, "=a");
	ck_assert_ptr_nonnull(passive_address_read(&item, text));
}
END_TEST

SUITE(passive_address, address_or_name_for_all, address_or_name_for_a_network,
	names_are_those_of_hosts, what_cannot_be_told_is_refused, long_texts_are_refused)
