/* The store in a tree with zones: rights by directory, mounts, and links that lead from one into
 * another. */
#include "common/rights.h"
#include "worker/store_change.h"
#include "worker/store_refusal.h"
#include "worker/upload.h"

#include "tests/unit/store_setup.h"

static char data[PATH_MAX], more[PATH_MAX]; /* what is mounted */

/*  /            all rights          /a/b/deep   a mount, in directories that the disk has not
 *  /box         put                 /closed     nothing
 *  /pub         a mount, list, get  /pub/in     put, in the mount */
static void open_tree(void)
{
	struct zones *zones;

	open_store();
	scratch_folder(data, "data");
	scratch_folder(more, "more");
	make_folder("box");
	make_folder("closed");
	make_folder("free");
	make_file("box/secret", "secret");
	make_file("closed/secret", "secret");
	make_file("free/file", "text");
	scratch_write_text(scratch_path(data, "music"), "music");
	ck_assert_int_eq(mkdir(scratch_path(data, "in"), 0755), 0);
	scratch_write_text(scratch_path(more, "far"), "far");

	const struct zone_wish wishes[] = {{"/box", RIGHT_put, ZONE_NO_ROOT},
		{"/closed", 0, ZONE_NO_ROOT},
		{"/pub", RIGHT_list | RIGHT_get, open(data, O_PATH | O_DIRECTORY | O_CLOEXEC)},
		{"/pub/in", RIGHT_put, ZONE_NO_ROOT},
		{"/a/b/deep", RIGHTS_ALL, open(more, O_PATH | O_DIRECTORY | O_CLOEXEC)}};

	ck_assert_int_eq(zones_make(&zones, wishes, sizeof(wishes) / sizeof(wishes[0])), 0);
	store.zones = zones;
}

static int get(const char *path)
{
	struct store_file file;
	int error = store_open_file(&store, at(path), &file);

	if (error == 0)
		close(file.descriptor);
	return error;
}

static int put(const char *path, int64_t from)
{
	struct upload upload;
	int error = upload_open(&upload,
		&(struct upload_wish){
			.store = &store, .path = at(path), .kind = UPLOAD_FTP, .from = from});

	if (error == 0)
		error = upload_write(&upload, "bytes", 5);
	return error < 0 ? error : upload_commit(&upload, SYNC_NONE, NULL);
}

static void expect_refusal(int error, const char *wanted)
{
	char text[STORE_REFUSAL_TEXT];
	const char *told = store_refusal_text(error, text);

	ck_assert_msg(error == -EPERM || error == -EEXIST, "%d", error);
	ck_assert_ptr_nonnull(told);
	ck_assert_str_eq(told, wanted);
}

/* The names in the directory, as they come: "a b ". */
static const char *names_in(const char *path)
{
	static char told[1000];
	struct store_listing listing;
	struct store_entry entry;
	int error = store_list(&listing, &store, at(path));

	ck_assert_msg(error == 0, "%s: %d", path, error);
	told[0] = '\0';
	while (store_list_next(&listing, &entry) > 0)
		strcat(strcat(told, entry.name), " ");
	store_list_close(&listing);
	return told;
}

static uint32_t may_of(const char *directory, const char *name)
{
	struct store_listing listing;
	struct store_entry entry;
	uint32_t may = 0;
	bool found = false;

	ck_assert_int_eq(store_list(&listing, &store, at(directory)), 0);
	while (!found && store_list_next(&listing, &entry) > 0) {
		found = strcmp(entry.name, name) == 0;
		may = entry.file.may;
	}
	ck_assert_msg(found, "%s in %s", name, directory);
	store_list_close(&listing);
	return may;
}

START_TEST(rights_are_those_of_the_innermost_directory)
{
	open_tree();
	ck_assert_int_eq(get("/free/file"), 0);
	expect_refusal(get("/box/secret"), "this account may not get in /box");
	expect_refusal(get("/closed/none"), "this account may not get in /closed");
	ck_assert_int_eq(put("/box/new", 0), 0);
	scratch_expect(below("box/new"), "bytes");
	ck_assert_int_eq(get("/pub/music"), 0);
	expect_refusal(put("/pub/new", 0), "this account may not put in /pub");
	ck_assert_int_eq(put("/pub/in/new", 0), 0);
	scratch_expect(scratch_path(data, "in/new"), "bytes");
	expect_refusal(get("/pub/in/new"), "this account may not get in /pub/in");
	expect_refusal(put("/box/secret", UPLOAD_APPEND), "this account may not append in /box");
	expect_refusal(
		store_make_directory(&store, at("/box/dir")), "this account may not mkdir in /box");
	expect_refusal(store_set_mode(&store, at("/closed/secret"), 0600),
		"this account may not chmod in /closed");
	expect_refusal(store_remove_tree(&store, at("/box/dir"), NULL, NULL),
		"this account may not delete, rmdir in /box");
	ck_assert_int_eq(store_make_directories(&store, at("/a/b/deep/x/y")), 0);
	ck_assert(scratch_exists(scratch_path(more, "x/y")));
}
END_TEST

START_TEST(links_lend_no_rights)
{
	open_tree();
	link_to("../box/secret", "free/link");
	link_to("/box", "free/box");
	link_to("../closed", "box/out");
	expect_refusal(get("/free/link"), "this account may not get in /box");
	expect_refusal(get("/free/box/secret"), "this account may not get in /box");
	expect_refusal(put("/free/box/../box/secret", UPLOAD_APPEND),
		"this account may not append in /box");
	ck_assert_int_eq(put("/free/link", UPLOAD_APPEND), -EACCES);
	expect_refusal(put("/box/out/new", 0), "this account may not put in /closed");
	expect_refusal(store_remove_file(&store, at("/free/box/secret")),
		"this account may not delete in /box");
	expect_refusal(store_set_mode(&store, at("/free/link"), 0600),
		"this account may not chmod in /box");
	ck_assert_int_eq(put("/free/box/new", 0), 0);
	scratch_expect(below("box/new"), "bytes");
	scratch_expect(below("box/secret"), "secret");
}
END_TEST

START_TEST(links_stay_in_their_root)
{
	open_tree();
	link_to("../../../../free/file", "free/up");
	link_to("/free/loop", "free/loop");
	link_to("/pub/music", "free/music");
	ck_assert_int_eq(symlink("/music", scratch_path(data, "absolute")), 0);
	ck_assert_int_eq(symlink("../../free/file", scratch_path(data, "outside")), 0);
	ck_assert_int_eq(symlink("in/../music", scratch_path(data, "around")), 0);
	ck_assert_int_eq(get("/free/up"), 0);
	ck_assert_int_eq(get("/free/loop"), -ELOOP);
	ck_assert_int_eq(get("/free/music"), 0);
	ck_assert_int_eq(get("/pub/absolute"), 0);
	ck_assert_int_eq(get("/pub/around"), 0);
	ck_assert_int_eq(get("/pub/outside"), -ENOENT);
}
END_TEST

START_TEST(mounts_are_shown_at_their_place)
{
	open_tree();
	ck_assert_ptr_nonnull(strstr(names_in("/"), "a pub "));
	ck_assert_str_eq(names_in("/a"), "b ");
	ck_assert_str_eq(names_in("/a/b"), "deep ");
	ck_assert_str_eq(names_in("/a/b/deep"), "far ");
	/* What they hide is not there. */
	make_folder("pub");
	make_file("pub/hidden", "");
	make_folder("a");
	make_file("a/file", "");
	ck_assert_ptr_eq(strstr(strstr(names_in("/"), "pub ") + 1, "pub "), NULL);
	ck_assert_ptr_nonnull(strstr(names_in("/pub"), "music "));
	ck_assert_ptr_null(strstr(names_in("/pub"), "hidden"));
	ck_assert_int_eq(get("/pub/hidden"), -ENOENT);
	ck_assert_str_eq(names_in("/a"), "file b ");
}
END_TEST

START_TEST(directories_above_a_mount_are_there)
{
	struct store_file file;

	open_tree();
	ck_assert_int_eq(store_look(&store, at("/a/b"), &file), 0);
	ck_assert(file.directory);
	ck_assert_uint_eq(file.may, RIGHT_list);
	ck_assert_int_eq(put("/a/new", 0), -EROFS);
	ck_assert_int_eq(store_make_directory(&store, at("/a/b/new")), -EROFS);
	ck_assert_int_eq(store_make_directory(&store, at("/a/b")), -EEXIST);
	ck_assert_int_eq(store_look(&store, at("/a/none"), &file), -ENOENT);
	ck_assert_int_eq(get("/a/b"), -ENOENT);
}
END_TEST

START_TEST(what_the_config_has_put_there_stays)
{
	static const char stays[] = "the server's configuration has put that there, and it stays";
	static const char *const fixed[] = {"/pub", "/a", "/a/b", "/a/b/deep"};

	open_tree();
	for (size_t i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
		store_remove_directory(&store, at("/none"));
		ck_assert_int_lt(store_rename(&store, at(fixed[i]), at("/new")), 0);
		ck_assert_int_lt(store_remove_directory(&store, at(fixed[i])), 0);
		ck_assert_int_lt(store_remove_tree(&store, at(fixed[i]), NULL, NULL), 0);
		ck_assert_int_eq(store_rename(&store, at("/free/file"), at(fixed[i])),
			i == 0 ? -EPERM : -EISDIR);
	}
	expect_refusal(store_remove_tree(&store, at("/a"), NULL, NULL), stays);
	expect_refusal(store_rename(&store, at("/a/b/deep"), at("/new")), stays);
	ck_assert_int_eq(store_remove_file(&store, at("/a/b/deep")), -EISDIR);
	ck_assert_int_lt(store_rename(&store, at("/free"), at("/a")), 0);
	link_to("/", "free/top");
	expect_refusal(store_rename(&store, at("/free/top/box"), at("/new")),
		"this account may not rename in /box");
	ck_assert(scratch_exists(below("free/file")));
	ck_assert(scratch_exists(scratch_path(more, "far")));
}
END_TEST

START_TEST(a_directory_keeps_its_rights_where_it_is)
{
	struct zones *zones;
	const struct zone_wish wish = {"/dir/box", RIGHTS_ALL & ~RIGHT_get, ZONE_NO_ROOT};

	open_store();
	make_folder("dir");
	make_folder("dir/box");
	make_folder("other");
	make_file("dir/box/secret", "secret");
	ck_assert_int_eq(zones_make(&zones, &wish, 1), 0);
	store.zones = zones;
	ck_assert_int_eq(store_rename(&store, at("/dir/box"), at("/open")), -EPERM);
	ck_assert_int_eq(store_rename(&store, at("/dir"), at("/open")), -EPERM);
	ck_assert_int_eq(store_remove_tree(&store, at("/dir"), NULL, NULL), -EPERM);
	ck_assert_int_eq(store_remove_directory(&store, at("/dir/box")), -EPERM);
	link_to("..", "other/top");
	ck_assert_int_eq(store_rename(&store, at("/other/top/dir"), at("/open")), -EPERM);
	ck_assert_int_eq(rename(below("dir"), below("elsewhere")), 0);
	/* Nor does another one come into its place, with what lies in it. */
	ck_assert_int_eq(store_rename(&store, at("/elsewhere"), at("/dir")), -EPERM);
	ck_assert_int_eq(get("/elsewhere/box/secret"), 0);
}
END_TEST

START_TEST(perm_is_that_of_each_entry)
{
	uint32_t fixed = RIGHT_rename | RIGHT_rmdir;

	open_tree();
	ck_assert_uint_eq(may_of("/", "free"), RIGHTS_ALL);
	ck_assert_uint_eq(may_of("/", "box"), RIGHT_put);
	ck_assert_uint_eq(may_of("/", "closed"), 0);
	ck_assert_uint_eq(may_of("/", "pub"), RIGHT_list | RIGHT_get);
	ck_assert_uint_eq(may_of("/", "a"), RIGHT_list);
	ck_assert_uint_eq(may_of("/pub", "music"), RIGHT_list | RIGHT_get);
	ck_assert_uint_eq(may_of("/pub", "in"), RIGHT_put);
	ck_assert_uint_eq(may_of("/a/b", "deep"), RIGHTS_ALL & ~fixed);
	ck_assert_uint_eq(may_of("/a/b/deep", "far"), RIGHTS_ALL);
	ck_assert_uint_eq(may_of("/free", "file"), RIGHTS_ALL);
}
END_TEST

START_TEST(a_rename_needs_the_right_at_both_ends)
{
	open_tree();
	expect_refusal(store_rename(&store, at("/free/file"), at("/box/file")),
		"this account may not rename in /box");
	expect_refusal(store_rename(&store, at("/pub/music"), at("/free/music")),
		"this account may not rename in /pub");
	ck_assert_int_eq(store_rename(&store, at("/free/file"), at("/a/b/deep/file")), 0);
	scratch_expect(scratch_path(more, "file"), "text");
	expect_refusal(store_copy(&store, at("/box/secret"), at("/free/s"), NULL, NULL, NULL, NULL),
		"this account may not get in /box");
	ck_assert_int_eq(
		store_copy(&store, at("/pub/music"), at("/free/music"), NULL, NULL, NULL, NULL), 0);
	scratch_expect(below("free/music"), "music");
}
END_TEST

/* Zones for what follows: /box can be renamed in, but not read. */
static void let_box_rename(void)
{
	const struct zone_wish wishes[] = {{"/box", RIGHT_put | RIGHT_rename, ZONE_NO_ROOT}};
	struct zones *zones;

	open_tree();
	zones_free((struct zones *)(uintptr_t)store.zones);
	ck_assert_int_eq(zones_make(&zones, wishes, 1), 0);
	store.zones = zones;
}

START_TEST(a_rename_lets_nobody_read_more)
{
	let_box_rename();
	make_folder("box/inner");
	expect_refusal(store_rename(&store, at("/box/secret"), at("/secret")),
		"this account may not get in /box");
	expect_refusal(store_rename(&store, at("/box/inner"), at("/inner")),
		"this account may not list, get in /box");
	ck_assert_int_eq(store_rename(&store, at("/box/secret"), at("/box/other")), 0);
	ck_assert_int_eq(store_rename(&store, at("/free/file"), at("/box/file")), 0);
}
END_TEST

START_TEST(where_nothing_may_be_done_nothing_is_told)
{
	open_tree();
	make_folder("closed/inner");
	link_to("closed/inner", "way");
	ck_assert_int_eq(store_enter(&store, at("/")), 0);
	ck_assert_int_eq(store_enter(&store, at("/closed")), 0);
	expect_refusal(
		store_enter(&store, at("/closed/inner")), "this account may not list in /closed");
	expect_refusal(
		store_enter(&store, at("/closed/secret")), "this account may not list in /closed");
	expect_refusal(
		store_enter(&store, at("/closed/none")), "this account may not list in /closed");
	expect_refusal(store_enter(&store, at("/way")), "this account may not list in /closed");
	ck_assert_int_eq(store_enter(&store, at("/box")), 0);
	ck_assert_int_eq(store_enter(&store, at("/pub/in")), 0);
	ck_assert_int_eq(store_enter(&store, at("/a/b")), 0);
	ck_assert_int_eq(store_enter(&store, at("/free")), 0);
	ck_assert_int_eq(store_enter(&store, at("/free/file")), -ENOTDIR);
	ck_assert_int_eq(store_enter(&store, at("/free/none")), -ENOENT);
}
END_TEST

START_TEST(links_are_made_within_a_root)
{
	open_tree();
	ck_assert_int_eq(store_make_link(&store, "/pub/music", 10, at("/free/l")), -EXDEV);
	ck_assert_int_eq(mkdir(scratch_path(more, "dir"), 0755), 0);
	ck_assert_int_eq(store_make_link(&store, "/a/b/deep/far", 13, at("/a/b/deep/dir/link")), 0);
	ck_assert_int_eq(get("/a/b/deep/dir/link"), 0);
	scratch_expect(scratch_path(more, "dir/link"), "far");
	ck_assert_int_eq(store_make_link(&store, "file", 4, at("/free/l")), 0);
	scratch_expect(below("free/l"), "text");
}
END_TEST

SUITE(store_zones, rights_are_those_of_the_innermost_directory, links_lend_no_rights,
	links_stay_in_their_root, mounts_are_shown_at_their_place,
	directories_above_a_mount_are_there, what_the_config_has_put_there_stays,
	a_directory_keeps_its_rights_where_it_is, perm_is_that_of_each_entry,
	a_rename_needs_the_right_at_both_ends, a_rename_lets_nobody_read_more,
	where_nothing_may_be_done_nothing_is_told, links_are_made_within_a_root)
