#include "common/rights.h"
#include "common/rights_at.h"

#include "tests/unit/suite.h"

#include <errno.h>
#include <string.h>

static struct rights_at at;

static void expect(const char *wanted)
{
	char told[2 * RIGHTS_AT_BYTES] = "";
	size_t offset = 0, used = 0;
	const char *path;
	uint32_t may;

	while (rights_at_next(&at, &offset, &path, &may))
		used += (size_t)snprintf(told + used, sizeof(told) - used, "%s=%u ", path, may);
	ck_assert_str_eq(told, wanted);
	ck_assert(rights_at_is_sound(&at));
}

START_TEST(what_was_set_is_there)
{
	at = (struct rights_at){0};
	expect("");
	ck_assert_int_eq(rights_at_set(&at, "/a", 1), 0);
	ck_assert_int_eq(rights_at_set(&at, "/a/b", 0), 0);
	ck_assert_int_eq(rights_at_set(&at, "/c", RIGHT_put), 0);
	expect("/a=1 /a/b=0 /c=4 ");
	ck_assert(rights_at_has(&at, "/a/b") && !rights_at_has(&at, "/b"));
	ck_assert_int_eq(rights_at_set(&at, "/a", 2), 0);
	expect("/a/b=0 /c=4 /a=2 ");
	ck_assert(rights_at_remove(&at, "/c"));
	ck_assert(!rights_at_remove(&at, "/c"));
	expect("/a/b=0 /a=2 ");
	ck_assert(rights_at_remove(&at, "/a/b") && rights_at_remove(&at, "/a"));
	expect("");
}
END_TEST

START_TEST(there_is_room_for_so_many)
{
	char path[40];
	int i, error = 0;

	at = (struct rights_at){0};
	for (i = 0; error == 0; i++) {
		snprintf(path, sizeof(path), "/a directory of some length/%d", i);
		error = rights_at_set(&at, path, RIGHTS_ALL);
	}
	ck_assert_int_eq(error, -ENOSPC);
	ck_assert_int_gt(i, 25);
	ck_assert(rights_at_is_sound(&at));
}
END_TEST

START_TEST(paths_are_in_normal_form)
{
	static const char *const sound[] = {"/a", "/a/b c/...", "/.hidden", "/a..", "/\xff\xfe"};
	static const char *const unsound[] = {"", "/", "a", "a/b", "/a/", "//a", "/a//b", "/.",
		"/..", "/a/./b", "/a/../b", "/a\n", "/a\x7f/b"};
	char path[RIGHTS_AT_BYTES + 1];

	for (size_t i = 0; i < sizeof(sound) / sizeof(sound[0]); i++)
		ck_assert_msg(rights_at_path_is_sound(sound[i]), "%s", sound[i]);
	for (size_t i = 0; i < sizeof(unsound) / sizeof(unsound[0]); i++)
		ck_assert_msg(!rights_at_path_is_sound(unsound[i]), "%s", unsound[i]);
	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[256] = '\0';
	ck_assert(rights_at_path_is_sound(path));
	path[256] = 'a';
	path[257] = '\0';
	ck_assert(!rights_at_path_is_sound(path));
}
END_TEST

static bool is_sound(const char *bytes, uint32_t size)
{
	at = (struct rights_at){.size = size};
	memcpy(at.bytes, bytes, size < sizeof(at.bytes) ? size : 0);
	return rights_at_is_sound(&at);
}

START_TEST(what_is_not_sound_is_seen)
{
	ck_assert(is_sound("", 0));
	ck_assert(is_sound("/a\0\1\0\0\0", 7));
	ck_assert(!is_sound("/a\0\1\0\0\0", 6));
	ck_assert(!is_sound("/a\0\1\0\0\0", 3));
	ck_assert(!is_sound("/a", 2));
	ck_assert(!is_sound("a\0\1\0\0\0", 6));
	ck_assert(!is_sound("/a\0\0\0\0\1", 7));
	ck_assert(!is_sound("/a\0\1\0\0\0/", 8));
	ck_assert(!is_sound("", RIGHTS_AT_BYTES + 1));
}
END_TEST

SUITE(rights_at, what_was_set_is_there, there_is_room_for_so_many, paths_are_in_normal_form,
	what_is_not_sound_is_seen)
