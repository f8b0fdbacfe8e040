#include "common/rights.h"
#include "worker/zones.h"

#include "tests/unit/suite.h"

#include <string.h>

/* No descriptors: nothing is looked up. */
enum { PUB = 100, EXTRA, DEEP };

static const struct zone_wish wishes[] = {{"/incoming", RIGHT_put, ZONE_NO_ROOT},
	{"/pub", RIGHT_list | RIGHT_get, PUB}, {"/pub/in", RIGHT_put, ZONE_NO_ROOT},
	{"/pub/extra", RIGHT_list, EXTRA}, {"/a/b/c", RIGHT_get, DEEP},
	{"/pub/extra/own", RIGHTS_ALL, ZONE_NO_ROOT}};
enum { WISHES = sizeof(wishes) / sizeof(wishes[0]) };

static const struct vpath *at(const char *text)
{
	static struct vpath path;

	ck_assert_int_eq(vpath_resolve(&path, NULL, text, strlen(text)), 0);
	return &path;
}

static struct zones *make(void)
{
	struct zones *zones;

	ck_assert_int_eq(zones_make(&zones, wishes, WISHES), 0);
	ck_assert_ptr_nonnull(zones);
	return zones;
}

START_TEST(the_innermost_zone_counts)
{
	static const struct {
		const char *path, *zone; /* NULL: none */
		int root;
		size_t root_length;
	} rows[] = {{"/", NULL, 0, 0}, {"/incoming", "/incoming", ZONE_NO_ROOT, 0},
		{"/incoming/a/b", "/incoming", ZONE_NO_ROOT, 0}, {"/incomings", NULL, 0, 0},
		{"/incomin", NULL, 0, 0}, {"/Incoming", NULL, 0, 0}, {"/pub/x", "/pub", PUB, 4},
		{"/pub/in/x", "/pub/in", PUB, 4}, {"/pub/inner", "/pub", PUB, 4},
		{"/pub/extra", "/pub/extra", EXTRA, 10},
		{"/pub/extra/own/x", "/pub/extra/own", EXTRA, 10}, {"/a/b", NULL, 0, 0},
		{"/a/b/c/d", "/a/b/c", DEEP, 6}};
	struct zones *zones = make();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct zone *zone = zones_find(zones, at(rows[i].path));

		ck_assert_msg(!zone == !rows[i].zone, "%s", rows[i].path);
		if (!zone)
			continue;
		ck_assert_str_eq(zone->path, rows[i].zone);
		ck_assert_int_eq(zone->root, rows[i].root);
		ck_assert_uint_eq(zone->root_length, rows[i].root_length);
	}
	zones_free(zones);
}
END_TEST

START_TEST(what_zones_need_is_known)
{
	struct zones *zones = make();

	ck_assert(zones_hold(zones, at("/")));
	ck_assert(zones_hold(zones, at("/incoming")));
	ck_assert(!zones_hold(zones, at("/incoming/a")));
	ck_assert(!zones_hold(zones, at("/inc")));
	ck_assert(zones_hold(zones, at("/a/b")));
	ck_assert_ptr_null(zones_mount_at_or_below(zones, at("/incoming")));
	ck_assert_ptr_nonnull(zones_mount_at_or_below(zones, at("/pub")));
	ck_assert_ptr_null(zones_mount_at_or_below(zones, at("/pub/in")));
	ck_assert_ptr_nonnull(zones_mount_below(zones, at("/pub")));
	ck_assert_ptr_null(zones_mount_below(zones, at("/pub/extra")));
	ck_assert_ptr_nonnull(zones_mount_below(zones, at("/a")));
	ck_assert_int_eq(zones_mount_below(zones, at("/a/b"))->root, DEEP);
	zones_free(zones);
}
END_TEST

static void expect_names(const struct zones *zones, const char *directory, const char *wanted)
{
	char name[VPATH_NAME_LONGEST + 1], told[200] = "";
	struct vpath path = *at(directory);
	size_t position = 0;

	while (zones_next_name(zones, &path, &position, name))
		strcat(strcat(told, name), " ");
	ck_assert_str_eq(told, wanted);
}

START_TEST(names_of_mounts_are_told_once)
{
	struct zones *zones = make();

	expect_names(zones, "/", "pub a ");
	expect_names(zones, "/pub", "extra ");
	expect_names(zones, "/a", "b ");
	expect_names(zones, "/a/b", "c ");
	expect_names(zones, "/a/b/c", "");
	expect_names(zones, "/incoming", "");
	expect_names(zones, "/p", "");
	expect_names(NULL, "/", "");
	zones_free(zones);
}
END_TEST

START_TEST(the_last_wish_for_a_path_counts)
{
	static const struct zone_wish again[] = {{"/pub", RIGHT_list, PUB},
		{"/pub", RIGHT_put, ZONE_NO_ROOT}, {"/in", RIGHT_get, ZONE_NO_ROOT},
		{"/in", 0, ZONE_NO_ROOT}};
	const struct zone *zone;
	struct zones *zones;

	ck_assert_int_eq(zones_make(&zones, again, 4), 0);
	zone = zones_find(zones, at("/pub/x"));
	ck_assert_uint_eq(zone->may, RIGHT_put);
	ck_assert_int_eq(zone->root, PUB);
	ck_assert(zone->mount);
	zone = zones_find(zones, at("/in/x"));
	ck_assert_uint_eq(zone->may, 0);
	ck_assert(!zone->mount);
	zones_free(zones);
}
END_TEST

START_TEST(none_is_none)
{
	struct zones *zones;

	ck_assert_int_eq(zones_make(&zones, NULL, 0), 0);
	ck_assert_ptr_null(zones);
	ck_assert_ptr_null(zones_find(NULL, at("/a")));
	ck_assert(!zones_hold(NULL, at("/")));
	ck_assert_ptr_null(zones_mount_at_or_below(NULL, at("/")));
	zones_free(NULL);
}
END_TEST

SUITE(zones, the_innermost_zone_counts, what_zones_need_is_known, names_of_mounts_are_told_once,
	the_last_wish_for_a_path_counts, none_is_none)
