#include "client/location.h"

#include "tests/unit/suite.h"

#include <errno.h>
#include <string.h>

static struct location parsed(const char *text)
{
	struct location location;

	ck_assert_msg(location_parse(&location, text) == 0, "%s", text);
	return location;
}

static void says(const char *text, const char *name, const char *url)
{
	struct location location = parsed(text);
	char made[LOCATION_URL];

	ck_assert_int_eq(location_url(&location, name, made), 0);
	ck_assert_str_eq(made, url);
}

START_TEST(a_host_alone_is_lgpq)
{
	struct location location = parsed("host:99");

	ck_assert_int_eq(location.scheme, LOCATION_LGPQ);
	ck_assert_str_eq(location.server.host, "host");
	ck_assert_uint_eq(location.server.port, 99);
	ck_assert_uint_eq(parsed("::1").server.port, HOSTPORT_DEFAULT);
}
END_TEST

START_TEST(parts_of_a_url)
{
	struct location location = parsed("FTP://ann%40x:p%3a%2F@[::1]:2121/a%20b/c//");

	ck_assert_int_eq(location.scheme, LOCATION_FTP);
	ck_assert_str_eq(location.user, "ann@x");
	ck_assert_str_eq(location.password, "p:/");
	ck_assert(location.password_given);
	ck_assert_str_eq(location.server.host, "::1");
	ck_assert_uint_eq(location.server.port, 2121);
	ck_assert_str_eq(location.directory, "a b/c");

	location = parsed("ftps://host");
	ck_assert_int_eq(location.scheme, LOCATION_FTPS);
	ck_assert_str_eq(location.user, "");
	ck_assert(!location.password_given);
	ck_assert_uint_eq(location.server.port, 990);
	ck_assert(!location.server.port_given);
	ck_assert_str_eq(location.directory, "");

	location = parsed("ftp://ann:@host/");
	ck_assert_uint_eq(location.server.port, 21);
	ck_assert(location.password_given);
	ck_assert_str_eq(location.password, "");
	ck_assert_str_eq(parsed("ftp://a@b@host").user, "a@b");
	ck_assert_str_eq(parsed("ftp://host//srv/").directory, "/srv");
	ck_assert_str_eq(parsed("ftp://host/%2Fsrv").directory, "/srv");
	ck_assert_str_eq(parsed("ftp://host//").directory, "/");
	ck_assert_str_eq(parsed("ftp://host/a?b#c;type=i").directory, "a?b#c;type=i");
}
END_TEST

START_TEST(what_is_no_location)
{
	static const char *const bad[] = {"", "ftp://", "ftp:///dir", "ftp://@host",
		"ftp://:p@host", "ftp://host:0", "ftp://host:x", "ftp://host?q", "ftp://h%",
		"ftp://host/%2", "ftp://host/%zz", "ftp://host/a%0d%0aDELE%20b", "ftp://host/%00",
		"ftp://a%0a@host", "ftp://a:%07@host", "ftp://[::1", "ftp://host/\177"};
	static const char *const other[] = {"http://host", "sftp://host/x", "file:///etc", "://"};
	char longest[LOCATION_DIRECTORY + 64] = "ftp://host/";
	struct location location;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(location_parse(&location, bad[i]) == -EINVAL, "%s", bad[i]);
	for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++)
		ck_assert_msg(
			location_parse(&location, other[i]) == -EPROTONOSUPPORT, "%s", other[i]);
	memset(longest + 11, 'x', LOCATION_DIRECTORY);
	ck_assert_int_eq(location_parse(&location, longest), -EINVAL);
	longest[11 + LOCATION_DIRECTORY - 1] = '\0';
	ck_assert_int_eq(location_parse(&location, longest), 0);
}
END_TEST

START_TEST(urls_of_names)
{
	says("ftp://host", "", "ftp://host:21/");
	says("ftp://host", "a b", "ftp://host:21/a%20b");
	says("ftp://host/dir", "", "ftp://host:21/dir/");
	says("ftp://host/dir/", "sub/name", "ftp://host:21/dir/sub/name");
	says("ftp://host/dir", "/abs/name", "ftp://host:21/%2Fabs/name");
	says("ftp://host//", "name", "ftp://host:21/%2Fname");
	says("ftp://host//srv", "", "ftp://host:21/%2Fsrv/");
	says("ftps://u%20u@[fe80::1%25lo]:1", "x", "ftps://u%20u@[fe80::1%25lo]:1/x");
	says("ftp://host", "#?%;type=i&\\\"'", "ftp://host:21/%23%3F%25%3Btype%3Di%26%5C%22%27");
	says("ftp://host", "\344\270\255\376\377", "ftp://host:21/%E4%B8%AD%FE%FF%FF");
	says("ftp://ann:secret@host", "x", "ftp://ann@host:21/x");
}
END_TEST

START_TEST(names_that_no_url_can_carry)
{
	struct location location = parsed("ftp://host");
	char url[LOCATION_URL], *name = malloc(LOCATION_URL);

	ck_assert_int_eq(location_url(&location, "a\r\nDELE b", url), -EINVAL);
	ck_assert_int_eq(location_url(&location, "a\t", url), -EINVAL);
	memset(name, '#', LOCATION_URL - 1);
	name[LOCATION_URL - 1] = '\0';
	ck_assert_int_eq(location_url(&location, name, url), -ENAMETOOLONG);
	free(name);
}
END_TEST

SUITE(client_location, a_host_alone_is_lgpq, parts_of_a_url, what_is_no_location, urls_of_names,
	names_that_no_url_can_carry)
