#include "client/landing.h"

#include "tests/unit/suite.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

static void write_file(const char *path, const char *content)
{
	FILE *file = fopen(path, "w");

	ck_assert_ptr_nonnull(file);
	fputs(content, file);
	fclose(file);
}

static const char *read_file(const char *path)
{
	static char content[64];
	FILE *file = fopen(path, "r");
	size_t got = file ? fread(content, 1, sizeof(content) - 1, file) : 0;

	content[got] = '\0';
	if (file)
		fclose(file);
	return file ? content : "(none)";
}

static void open_landing(struct landing *landing, const char *path, bool resume)
{
	ck_assert_int_eq(landing_open(landing, path, resume), 0);
}

START_TEST(nothing_shows_before_the_commit)
{
	struct landing landing;

	write_file("a", "old");
	open_landing(&landing, "a", false);
	ck_assert_int_eq(landing_write(&landing, "new", 3), 0);
	ck_assert_str_eq(read_file("a"), "old");
	ck_assert_str_eq(read_file(".a.part"), "new");
	ck_assert_int_eq(landing_commit(&landing, 77), 0);
	ck_assert(!landing_close(&landing, true));
	ck_assert_str_eq(read_file("a"), "new");
	ck_assert_str_eq(read_file(".a.part"), "(none)");
}
END_TEST

START_TEST(a_part_is_kept_if_wished_and_worth_it)
{
	struct landing landing;

	open_landing(&landing, "a", false);
	ck_assert_int_eq(landing_write(&landing, "half", 4), 0);
	ck_assert(landing_close(&landing, true));
	ck_assert_str_eq(read_file(".a.part"), "half");
	open_landing(&landing, "a", true);
	ck_assert_int_eq(landing.size, 4);
	ck_assert_int_eq(landing_write(&landing, "way", 3), 0);
	ck_assert_int_eq(landing_commit(&landing, -1), 0);
	landing_close(&landing, true);
	ck_assert_str_eq(read_file("a"), "halfway");
	open_landing(&landing, "empty", false);
	ck_assert(!landing_close(&landing, true));
	ck_assert_str_eq(read_file(".empty.part"), "(none)");
}
END_TEST

START_TEST(a_copy_of_the_target_is_not_worth_it)
{
	struct landing landing;

	write_file("a", "target");
	open_landing(&landing, "a", true);
	ck_assert_int_eq(landing.size, 6);
	ck_assert(!landing_close(&landing, true));
	ck_assert_str_eq(read_file(".a.part"), "(none)");
	open_landing(&landing, "a", true);
	ck_assert_int_eq(landing_write(&landing, "+", 1), 0);
	ck_assert(landing_close(&landing, true));
	ck_assert_str_eq(read_file(".a.part"), "target+");
	ck_assert_str_eq(read_file("a"), "target");
}
END_TEST

START_TEST(one_writer_at_a_time)
{
	struct landing first, second;

	open_landing(&first, "a", false);
	ck_assert_int_eq(landing_open(&second, "a", false), -EBUSY);
	landing_close(&second, false);
	ck_assert_int_eq(landing_write(&first, "1", 1), 0);
	ck_assert_int_eq(landing_commit(&first, -1), 0);
	landing_close(&first, false);
	ck_assert_str_eq(read_file("a"), "1");
}
END_TEST

START_TEST(a_planted_link_is_not_followed)
{
	struct landing landing;

	write_file("precious", "mine");
	ck_assert_int_eq(symlink("precious", ".a.part"), 0);
	ck_assert_int_lt(landing_open(&landing, "a", false), 0);
	landing_close(&landing, false);
	ck_assert_str_eq(read_file("precious"), "mine");
}
END_TEST

START_TEST(the_longest_names_have_parts_of_their_own)
{
	char one[NAME_MAX + 1], other[NAME_MAX + 1];
	struct landing first, second;

	memset(one, 'x', NAME_MAX);
	one[NAME_MAX] = '\0';
	strcpy(other, one);
	other[NAME_MAX - 1] = 'y';
	open_landing(&first, one, false);
	open_landing(&second, other, false);
	ck_assert_int_eq(landing_commit(&first, -1), 0);
	ck_assert_int_eq(landing_commit(&second, -1), 0);
	landing_close(&first, false);
	landing_close(&second, false);
	ck_assert_int_eq(access(one, F_OK), 0);
	ck_assert_int_eq(access(other, F_OK), 0);
}
END_TEST

START_TEST(a_device_is_written_to_and_not_replaced)
{
	struct landing landing;
	struct stat status;

	open_landing(&landing, "/dev/null", false);
	ck_assert(landing.direct);
	ck_assert_int_eq(landing_write(&landing, "1", 1), 0);
	ck_assert_int_eq(landing_commit(&landing, 77), 0);
	landing_close(&landing, false);
	ck_assert_int_eq(stat("/dev/null", &status), 0);
	ck_assert(S_ISCHR(status.st_mode));
}
END_TEST

START_TEST(a_file_keeps_its_mode)
{
	struct landing landing;
	struct stat status;

	write_file("a", "old");
	ck_assert_int_eq(chmod("a", 0604), 0);
	open_landing(&landing, "a", false);
	ck_assert_int_eq(landing_commit(&landing, 77), 0);
	landing_close(&landing, false);
	ck_assert_int_eq(stat("a", &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0604);
	ck_assert_int_eq(status.st_mtime, 77);
}
END_TEST

SUITE(client_landing, nothing_shows_before_the_commit, a_part_is_kept_if_wished_and_worth_it,
	a_copy_of_the_target_is_not_worth_it, one_writer_at_a_time, a_planted_link_is_not_followed,
	the_longest_names_have_parts_of_their_own, a_device_is_written_to_and_not_replaced,
	a_file_keeps_its_mode)
