#include "client/hostport.h"

#include "tests/unit/suite.h"

static void means(const char *text, const char *host, unsigned int port)
{
	struct hostport hostport;

	ck_assert_msg(hostport_parse(&hostport, text) == 0, "%s", text);
	ck_assert_str_eq(hostport.host, host);
	ck_assert_uint_eq(hostport.port, port ? port : HOSTPORT_DEFAULT);
	ck_assert_int_eq(hostport.port_given, port != 0);
}

START_TEST(every_way_to_name_a_server)
{
	means("host", "host", 0);
	means("host:1", "host", 1);
	means("192.0.2.1:65535", "192.0.2.1", 65535);
	means("::1", "::1", 0);
	means("2001:db8::1", "2001:db8::1", 0);
	means("[::1]", "::1", 0);
	means("[fe80::1%eth0]:21", "fe80::1%eth0", 21);
	means("[host]:21", "host", 21);
}
END_TEST

START_TEST(what_names_no_server)
{
	static const char *const bad[] = {"", ":", ":1", "host:", "host:0", "host:65536", "host:1x",
		"host:-1", "[", "[]", "[]:1", "[::1", "[::1]x", "[::1]:", "[::1]1"};
	struct hostport hostport;
	char longest[HOSTPORT_HOST + 1];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(hostport_parse(&hostport, bad[i]) < 0, "%s", bad[i]);
	for (size_t i = 0; i < HOSTPORT_HOST; i++)
		longest[i] = 'h';
	longest[HOSTPORT_HOST] = '\0';
	ck_assert_int_lt(hostport_parse(&hostport, longest), 0);
	ck_assert_int_eq(hostport_parse(&hostport, longest + 1), 0);
}
END_TEST

SUITE(client_hostport, every_way_to_name_a_server, what_names_no_server)
