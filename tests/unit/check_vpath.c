#include "worker/vpath.h"

#include "tests/unit/suite.h"

#include <errno.h>
#include <string.h>

static struct vpath path, base;

static int resolve(const struct vpath *from, const char *bytes)
{
	return vpath_resolve(&path, from, bytes, strlen(bytes));
}

static void expect_from(const char *directory, const char *bytes, const char *wanted)
{
	ck_assert_int_eq(vpath_resolve(&base, NULL, directory, strlen(directory)), 0);
	ck_assert_msg(resolve(&base, bytes) == 0, "%s from %s", bytes, directory);
	ck_assert_str_eq(path.text, wanted);
	ck_assert_uint_eq(path.length, strlen(wanted));
	/* Into the base itself. */
	ck_assert_int_eq(vpath_resolve(&base, &base, bytes, strlen(bytes)), 0);
	ck_assert_str_eq(base.text, wanted);
}

START_TEST(root_is_a_slash)
{
	vpath_root(&path);
	ck_assert_str_eq(path.text, "/");
	ck_assert_uint_eq(path.length, 1);
	ck_assert_str_eq(vpath_name(&path), "");
	ck_assert_str_eq(vpath_relative(&path), ".");
	vpath_parent(&path, &path);
	ck_assert_str_eq(path.text, "/");
}
END_TEST

START_TEST(paths_become_normal)
{
	static const struct {
		const char *from, *bytes, *wanted;
	} rows[] = {{"/", "a", "/a"}, {"/", "/", "/"}, {"/", "/a/b", "/a/b"}, {"/a", "b", "/a/b"},
		{"/a", "/b", "/b"}, {"/a", ".", "/a"}, {"/a/b", "..", "/a"}, {"/a", "..", "/"},
		{"/", "..", "/"}, {"/a", "../../../b", "/b"},
		{"/", "../../etc/passwd", "/etc/passwd"}, {"/", "//a///b//", "/a/b"},
		{"/", "a/./b/.", "/a/b"}, {"/", "a/../b/..", "/"}, {"/", "a/..", "/"},
		{"/", "...", "/..."}, {"/", ".a", "/.a"}, {"/", "..a", "/..a"},
		{"/", "a..", "/a.."}, {"/", ". .", "/. ."}, {"/", " ", "/ "}, {"/", "a b", "/a b"},
		{"/", "a\\b", "/a\\b"}, {"/", "\n", "/\n"}, {"/", "\xff\xfe", "/\xff\xfe"},
		{"/", "%2e%2e", "/%2e%2e"}, {"/", "文件", "/文件"}, {"/x/y", "./../z/", "/x/z"}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect_from(rows[i].from, rows[i].bytes, rows[i].wanted);
}
END_TEST

START_TEST(no_base_is_the_root)
{
	ck_assert_int_eq(resolve(NULL, "a/b"), 0);
	ck_assert_str_eq(path.text, "/a/b");
}
END_TEST

START_TEST(nul_and_nothing_are_refused)
{
	ck_assert_int_eq(vpath_resolve(&path, NULL, "", 0), -EINVAL);
	ck_assert_int_eq(vpath_resolve(&path, NULL, "\0", 1), -EINVAL);
	ck_assert_int_eq(vpath_resolve(&path, NULL, "a\0b", 3), -EINVAL);
	ck_assert_int_eq(vpath_resolve(&path, NULL, "ab\0", 3), -EINVAL);
	/* What stands behind does not count. */
	ck_assert_int_eq(vpath_resolve(&path, NULL, "ab\0", 2), 0);
}
END_TEST

START_TEST(names_have_a_longest)
{
	char name[VPATH_NAME_LONGEST + 3];

	memset(name, 'x', sizeof(name));
	ck_assert_int_eq(vpath_resolve(&path, NULL, name, VPATH_NAME_LONGEST), 0);
	ck_assert_uint_eq(strlen(vpath_name(&path)), VPATH_NAME_LONGEST);
	ck_assert_int_eq(vpath_resolve(&path, NULL, name, VPATH_NAME_LONGEST + 1), -ENAMETOOLONG);
	/* Dots are no exception, nor is a name that goes away again. */
	memset(name, '.', sizeof(name));
	ck_assert_int_eq(vpath_resolve(&path, NULL, name, VPATH_NAME_LONGEST + 1), -ENAMETOOLONG);
}
END_TEST

START_TEST(whole_has_a_longest)
{
	char text[VPATH_LONGEST + 10];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 2 ? 'x' : '/';
	/* "/x/x…/x" has an even length; the last name is made one longer for the odd limit. */
	text[VPATH_LONGEST - 1] = 'y';
	ck_assert_int_eq(vpath_resolve(&path, NULL, text, VPATH_LONGEST), 0);
	ck_assert_uint_eq(path.length, VPATH_LONGEST);
	ck_assert_uint_eq(strlen(path.text), VPATH_LONGEST);
	text[VPATH_LONGEST] = 'y';
	ck_assert_int_eq(vpath_resolve(&path, NULL, text, VPATH_LONGEST + 1), -ENAMETOOLONG);
	/* With base and bytes together. */
	ck_assert_int_eq(vpath_resolve(&base, NULL, text, VPATH_LONGEST - 3), 0);
	ck_assert_int_eq(resolve(&base, "y"), 0);
	ck_assert_int_eq(resolve(&base, "y/z"), -ENAMETOOLONG);
	ck_assert_int_eq(resolve(&base, "yyy"), -ENAMETOOLONG);
}
END_TEST

/* It is the normal form that has a longest, not what the client wrote. */
START_TEST(long_ways_to_short_places_are_fine)
{
	static char bytes[100000];

	for (size_t i = 0; i + 4 <= sizeof(bytes); i += 4)
		memcpy(bytes + i, "a/..", 4);
	for (size_t i = 4; i + 5 <= sizeof(bytes); i += 5)
		memcpy(bytes + i, "/a/..", 5);
	ck_assert_int_eq(vpath_resolve(&path, NULL, bytes, 4 + 5 * 10000), 0);
	ck_assert_str_eq(path.text, "/");
	memset(bytes, '/', sizeof(bytes));
	ck_assert_int_eq(vpath_resolve(&path, NULL, bytes, sizeof(bytes)), 0);
	ck_assert_str_eq(path.text, "/");
}
END_TEST

START_TEST(name_parent_and_relative)
{
	struct vpath parent;

	ck_assert_int_eq(resolve(NULL, "/a/bc/d"), 0);
	ck_assert_str_eq(vpath_name(&path), "d");
	ck_assert_str_eq(vpath_relative(&path), "a/bc/d");
	vpath_parent(&parent, &path);
	ck_assert_str_eq(parent.text, "/a/bc");
	ck_assert_uint_eq(parent.length, 5);
	vpath_parent(&parent, &parent);
	vpath_parent(&parent, &parent);
	ck_assert_str_eq(parent.text, "/");
	ck_assert_str_eq(path.text, "/a/bc/d");
}
END_TEST

/* The rules once more, written another way: a list of names. */
struct names {
	char names[200][VPATH_NAME_LONGEST + 1];
	size_t count;
};

static int walk(struct names *names, const char *bytes, size_t length)
{
	char copy[600], *next = copy, *name;

	memcpy(copy, bytes, length);
	copy[length] = '\0';
	if (copy[0] == '/')
		names->count = 0;
	while ((name = strsep(&next, "/")) != NULL) {
		if (!strcmp(name, "..")) {
			names->count -= names->count > 0;
		} else if (strcmp(name, "") && strcmp(name, ".")) {
			if (strlen(name) > VPATH_NAME_LONGEST)
				return -ENAMETOOLONG;
			strcpy(names->names[names->count++], name);
		}
	}
	return 0;
}

static void expect_names(const struct names *names)
{
	static char wanted[sizeof(names->names)];
	size_t length = 1;

	strcpy(wanted, "/");
	for (size_t i = 0; i < names->count; i++)
		length += (size_t)snprintf(wanted + length - (i == 0), sizeof(wanted) - length,
				  "/%s", names->names[i]) -
			  (i == 0);
	ck_assert_str_eq(path.text, wanted);
	ck_assert_uint_eq(path.length, strlen(wanted));
	ck_assert_str_eq(vpath_name(&path), names->count ? names->names[names->count - 1] : "");
}

START_TEST(any_path_is_what_a_list_of_names_says)
{
	static struct names names, before;
	char bytes[600];

	vpath_root(&path);
	for (int round = 0; round < 50000; round++) {
		size_t length = 1 + (size_t)random() % (round % 50 ? 30 : 590);
		int error, wanted;

		/* Short names and many dots; now and then names about as long as they may be. */
		for (size_t i = 0; i < length; i++)
			bytes[i] = round % 50       ? "///...ab"[random() % 8]
				   : random() % 250 ? 'a'
						    : '/';
		if (names.count > 100) {
			names.count = 0;
			vpath_root(&path);
		}
		before = names;
		base = path;
		wanted = walk(&names, bytes, length);
		error = vpath_resolve(&path, &base, bytes, length);
		ck_assert_int_eq(error, wanted);
		if (error < 0) {
			names = before;
			path = base;
		}
		expect_names(&names);
	}
}
END_TEST

SUITE(vpath, root_is_a_slash, paths_become_normal, no_base_is_the_root, nul_and_nothing_are_refused,
	names_have_a_longest, whole_has_a_longest, long_ways_to_short_places_are_fine,
	name_parent_and_relative, any_path_is_what_a_list_of_names_says)
