#include "common/users_file.h"

#include "tests/unit/scratch.h"
#include "tests/unit/suite.h"
#include "tests/unit/told.h"

#include <errno.h>

static struct users_file file;
static struct told told;
static struct stat status;

static int read_text(const char *text, mode_t mode)
{
	told_open(&told);
	scratch_write_text("users", text);
	ck_assert_int_eq(chmod("users", mode), 0);
	return users_file_read(&file, "users", &status, &told.complaints);
}

START_TEST(accounts_are_found_by_name)
{
	ck_assert_int_eq(read_text("# ours\n\ncarl\n  anna may=put\nbert locked", 0600), 0);
	told_expect(&told, 0, NULL);
	ck_assert_uint_eq(file.count, 3);
	ck_assert_uint_eq(users_file_find(&file, "anna")->line, 4);
	ck_assert(users_file_find(&file, "bert")->locked);
	ck_assert_ptr_null(users_file_find(&file, "dora"));
	ck_assert_ptr_null(users_file_find(&file, ""));
	ck_assert_uint_eq(status.st_size, 39);
	users_file_free(&file);
	ck_assert_ptr_null(users_file_find(&file, "anna"));
}
END_TEST

START_TEST(a_faulty_line_costs_its_account_alone)
{
	ck_assert_int_eq(read_text("anna\nbert may=everything\ncarl\n", 0600), 0);
	told_expect(&told, 1, "users:2: may: \"everything\"");
	ck_assert_ptr_nonnull(users_file_find(&file, "anna"));
	ck_assert_ptr_null(users_file_find(&file, "bert"));
	ck_assert_ptr_nonnull(users_file_find(&file, "carl"));
	ck_assert(users_file_has_spoilt(&file, "bert"));
	ck_assert(!users_file_has_spoilt(&file, "anna"));
	users_file_free(&file);
	ck_assert(!users_file_has_spoilt(&file, "bert"));
}
END_TEST

START_TEST(of_accounts_with_one_name_none_counts)
{
	ck_assert_int_eq(read_text("anna may=all from=::1\nbert\nanna from=::2\n", 0600), 0);
	told_expect(&told, 1, "users:3: anna is an account already, in line 1");
	ck_assert_ptr_null(users_file_find(&file, "anna"));
	ck_assert(users_file_has_spoilt(&file, "anna"));
	ck_assert_ptr_nonnull(users_file_find(&file, "bert"));
	users_file_free(&file);
}
END_TEST

START_TEST(nul_bytes_are_told)
{
	char text[] = "anna\0may=all\nbert\n";
	char *copy = malloc(sizeof(text));

	memcpy(copy, text, sizeof(text));
	told_open(&told);
	ck_assert_int_eq(
		users_file_take(&file, copy, sizeof(text) - 1, "users", &told.complaints), 0);
	told_expect(&told, 1, "users:1: a NUL byte");
	ck_assert_uint_eq(file.count, 1);
	users_file_free(&file);
}
END_TEST

START_TEST(a_mode_for_everybody_is_told)
{
	static const mode_t bad[] = {0644, 0604, 0660, 0602, 0601};
	static const mode_t good[] = {0600, 0640, 0400};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ck_assert_int_eq(read_text("anna\n", bad[i]), 0);
		told_expect(&told, 1, "0640 or 0600 is right");
		users_file_free(&file);
		told_close(&told);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		ck_assert_int_eq(remove("users"), 0);
		ck_assert_int_eq(read_text("anna\n", good[i]), 0);
		told_expect(&told, 0, NULL);
		users_file_free(&file);
		told_close(&told);
	}
}
END_TEST

START_TEST(what_is_no_file_is_an_error)
{
	told_open(&told);
	ck_assert_int_eq(users_file_read(&file, "none", &status, &told.complaints), -ENOENT);
	ck_assert_int_eq(users_file_read(&file, "/dev/null", &status, &told.complaints), -EINVAL);
	ck_assert_int_eq(users_file_read(&file, ".", &status, &told.complaints), -EINVAL);
	told_expect(&told, 0, NULL);
	users_file_free(&file);
}
END_TEST

SUITE(users_file, accounts_are_found_by_name, a_faulty_line_costs_its_account_alone,
	of_accounts_with_one_name_none_counts, nul_bytes_are_told, a_mode_for_everybody_is_told,
	what_is_no_file_is_an_error)
