#include "common/status_path.h"

#include "tests/unit/suite.h"

#include <string.h>

static void expect_fallback(void)
{
	char path[STATUS_PATH], wanted[STATUS_PATH];

	snprintf(wanted, sizeof(wanted), "/tmp/ftpool-%u/status", (unsigned int)geteuid());
	ck_assert_str_eq(status_path_personal(path), wanted);
}

START_TEST(service_has_a_fixed_one)
{
	ck_assert_str_eq(status_path_service, "/run/ftpool/status");
}
END_TEST

START_TEST(person_s_is_in_the_runtime_directory)
{
	char path[STATUS_PATH];

	setenv("XDG_RUNTIME_DIR", "/run/user/1000", 1);
	ck_assert_ptr_eq(status_path_personal(path), path);
	ck_assert_str_eq(path, "/run/user/1000/ftpool/status");
}
END_TEST

START_TEST(without_runtime_directory_it_is_in_tmp)
{
	unsetenv("XDG_RUNTIME_DIR");
	expect_fallback();
	setenv("XDG_RUNTIME_DIR", "", 1);
	expect_fallback();
	setenv("XDG_RUNTIME_DIR", "run/user", 1);
	expect_fallback();
}
END_TEST

START_TEST(directory_too_long_for_a_socket_is_passed_over)
{
	enum { FITS = STATUS_PATH - sizeof("/ftpool/status") };
	char directory[FITS + 2], path[STATUS_PATH];

	memset(directory, 'x', sizeof(directory));
	directory[0] = '/';
	directory[FITS] = '\0';
	setenv("XDG_RUNTIME_DIR", directory, 1);
	ck_assert_uint_eq(strlen(status_path_personal(path)), STATUS_PATH - 1);
	directory[FITS] = 'x';
	directory[FITS + 1] = '\0';
	setenv("XDG_RUNTIME_DIR", directory, 1);
	expect_fallback();
}
END_TEST

SUITE(status_path, service_has_a_fixed_one, person_s_is_in_the_runtime_directory,
	without_runtime_directory_it_is_in_tmp, directory_too_long_for_a_socket_is_passed_over)
