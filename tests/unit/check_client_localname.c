#include "client/localname.h"

#include "tests/unit/suite.h"

#include <errno.h>

static void goes_to(const char *remote_name, const char *wish, const char *path)
{
	char *chosen;

	ck_assert_int_eq(localname_choose(&chosen, remote_name, wish), 0);
	ck_assert_str_eq(chosen, path);
	free(chosen);
}

static void refused(const char *remote_name, const char *wish)
{
	char *chosen;

	ck_assert_int_eq(localname_choose(&chosen, remote_name, wish), -EINVAL);
	ck_assert_ptr_null(chosen);
}

START_TEST(the_servers_directories_do_not_count)
{
	goes_to("a", NULL, "a");
	goes_to("/etc/a", NULL, "a");
	goes_to("../../a", NULL, "a");
	goes_to("-", NULL, "-");
	goes_to("..a", NULL, "..a");
}
END_TEST

START_TEST(a_name_without_a_last_component_is_refused)
{
	static const char *const bad[] = {"", "/", ".", "..", "a/", "a/.", "a/.."};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		refused(bad[i], NULL);
		refused(bad[i], "dir/");
		goes_to(bad[i], "wish", "wish");
	}
}
END_TEST

START_TEST(a_wish_is_a_path_or_a_directory)
{
	ck_assert_int_eq(mkdir("dir", 0700), 0);
	goes_to("x/a", "b", "b");
	goes_to("x/a", "dir", "dir/a");
	goes_to("x/a", "dir/", "dir/a");
	goes_to("x/a", "missing/", "missing/a");
	goes_to("a", "/", "/a");
}
END_TEST

SUITE(client_localname, the_servers_directories_do_not_count,
	a_name_without_a_last_component_is_refused, a_wish_is_a_path_or_a_directory)
