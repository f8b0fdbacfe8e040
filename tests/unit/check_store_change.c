#include "worker/store_change.h"

#include "common/rights.h"

#include "tests/unit/store_setup.h"

START_TEST(files_are_removed)
{
	open_store();
	make_file("a", "a");
	make_folder("dir");
	make_file("dir/b", "b");
	ck_assert_int_eq(store_remove_file(&store, at("/a")), 0);
	ck_assert(!scratch_exists(below("a")));
	ck_assert_int_eq(store_remove_file(&store, at("/a")), -ENOENT);
	ck_assert_int_eq(store_remove_file(&store, at("/dir/b")), 0);
	ck_assert_int_eq(store_remove_file(&store, at("/dir")), -EISDIR);
	ck_assert_int_eq(store_remove_file(&store, at("/")), -EISDIR);
	ck_assert_int_eq(store_remove_file(&store, at("/none/a")), -ENOENT);
}
END_TEST

START_TEST(link_is_removed_and_not_what_it_points_to)
{
	open_store();
	scratch_write_text("secret", "secret");
	make_folder("dir");
	make_file("file", "text");
	link_to("file", "link");
	link_to("dir", "dirlink");
	link_to("nowhere", "dangling");
	link_to("../secret", "outside");
	ck_assert_int_eq(store_remove_file(&store, at("/link")), 0);
	ck_assert_int_eq(store_remove_file(&store, at("/dirlink")), 0);
	ck_assert_int_eq(store_remove_file(&store, at("/dangling")), 0);
	ck_assert_int_eq(store_remove_file(&store, at("/outside")), 0);
	scratch_expect(below("file"), "text");
	scratch_expect("secret", "secret");
	ck_assert(scratch_exists(below("dir")));
	ck_assert(!scratch_exists(below("link")) && !scratch_exists(below("dirlink")));
}
END_TEST

START_TEST(what_is_not_served_is_left_alone)
{
	open_store();
	make_folder("dir");
	ck_assert_int_eq(mkfifo(below("fifo"), 0666), 0);
	make_file("file", "");
	ck_assert_int_eq(store_remove_file(&store, at("/fifo")), -EACCES);
	ck_assert_int_eq(store_rename(&store, at("/fifo"), at("/other")), -EACCES);
	ck_assert_int_eq(store_rename(&store, at("/file"), at("/fifo")), -EACCES);
	ck_assert_int_eq(store_set_mode(&store, at("/fifo"), 0600), -EACCES);
	ck_assert_int_eq(store_set_mtime(&store, at("/fifo"), 0), -EACCES);
	ck_assert(scratch_exists(below("fifo")));
}
END_TEST

START_TEST(broken_off_upload_is_removed_when_there_is_no_file)
{
	int writer;

	open_store();
	make_file("a", "file");
	make_file(".a.partial", "half");
	ck_assert_int_eq(store_remove_file(&store, at("/a")), 0);
	ck_assert(scratch_exists(below(".a.partial")));
	writer = lock_file(".a.partial");
	ck_assert_int_eq(store_remove_file(&store, at("/a")), -EBUSY);
	ck_assert(scratch_exists(below(".a.partial")));
	close(writer);
	ck_assert_int_eq(store_remove_file(&store, at("/a")), 0);
	ck_assert(!scratch_exists(below(".a.partial")));
	ck_assert_int_eq(store_remove_file(&store, at("/a")), -ENOENT);
}
END_TEST

START_TEST(partials_have_no_names_of_their_own)
{
	const char *name = "/.a.partial";

	open_store();
	make_file(".a.partial", "half");
	make_file("b", "");
	ck_assert_int_eq(store_remove_file(&store, at(name)), -ENOENT);
	ck_assert_int_eq(store_remove_directory(&store, at(name)), -ENOENT);
	ck_assert_int_eq(store_remove_tree(&store, at(name), NULL, NULL), -ENOENT);
	ck_assert_int_eq(store_make_directory(&store, at(name)), -EINVAL);
	ck_assert_int_eq(store_make_directories(&store, at("/x/.a.partial/y")), -EINVAL);
	ck_assert_int_eq(store_rename(&store, at(name), at("/c")), -ENOENT);
	ck_assert_int_eq(store_rename(&store, at("/b"), at(name)), -EINVAL);
	ck_assert_int_eq(store_set_mode(&store, at(name), 0644), -ENOENT);
	ck_assert_int_eq(store_set_mtime(&store, at(name), 0), -ENOENT);
	ck_assert_int_eq(store_make_link(&store, "b", 1, at(name)), -EINVAL);
	scratch_expect(below(".a.partial"), "half");
}
END_TEST

START_TEST(root_is_never_changed)
{
	open_store();
	make_file("a", "");
	ck_assert_int_eq(store_make_directory(&store, at("/")), -EEXIST);
	ck_assert_int_eq(store_make_directories(&store, at("/")), 0);
	ck_assert_int_eq(store_remove_directory(&store, at("/")), -EACCES);
	ck_assert_int_eq(store_remove_tree(&store, at("/"), NULL, NULL), -EACCES);
	ck_assert_int_eq(store_rename(&store, at("/"), at("/b")), -EACCES);
	ck_assert_int_eq(store_rename(&store, at("/a"), at("/")), -EISDIR);
	ck_assert_int_eq(store_set_mode(&store, at("/"), 0), -EACCES);
	ck_assert_int_eq(store_make_link(&store, "a", 1, at("/")), -EEXIST);
}
END_TEST

START_TEST(directories_are_made)
{
	open_store();
	make_file("file", "");
	ck_assert_int_eq(store_make_directory(&store, at("/dir")), 0);
	ck_assert_uint_eq(mode_of("dir"), 0755);
	ck_assert_int_eq(store_make_directory(&store, at("/dir")), -EEXIST);
	ck_assert_int_eq(store_make_directory(&store, at("/file")), -EEXIST);
	ck_assert_int_eq(store_make_directory(&store, at("/none/dir")), -ENOENT);
	ck_assert_int_eq(store_make_directory(&store, at("/file/dir")), -ENOTDIR);
	umask(077);
	ck_assert_int_eq(store_make_directory(&store, at("/dir/closed")), 0);
	ck_assert_uint_eq(mode_of("dir/closed"), 0700);
}
END_TEST

START_TEST(directories_are_made_with_those_above)
{
	int free_one;

	open_store();
	free_one = lowest_free_descriptor();
	make_file("file", "");
	make_folder("dir");
	link_to("/dir", "link");
	link_to("../..", "out");
	ck_assert_int_eq(store_make_directories(&store, at("/a/b/c")), 0);
	ck_assert(scratch_exists(below("a/b/c")));
	ck_assert_int_eq(store_make_directories(&store, at("/a/b/c")), 0);
	ck_assert_int_eq(store_make_directories(&store, at("/a/b/d")), 0);
	ck_assert(scratch_exists(below("a/b/d")));
	ck_assert_int_eq(store_make_directories(&store, at("/link/x/y")), 0);
	ck_assert(scratch_exists(below("dir/x/y")));
	/* ".." at the root stays there, in links as well. */
	ck_assert_int_eq(store_make_directories(&store, at("/out/inside/z")), 0);
	ck_assert(scratch_exists(below("inside/z")));
	ck_assert(!scratch_exists("inside"));
	ck_assert_int_eq(store_make_directories(&store, at("/file")), -ENOTDIR);
	ck_assert_int_eq(store_make_directories(&store, at("/file/x")), -ENOTDIR);
	ck_assert_int_eq(lowest_free_descriptor(), free_one);
}
END_TEST

START_TEST(deepest_path_can_be_made)
{
	struct vpath deep;
	char text[VPATH_LONGEST + 1];

	open_store();
	for (size_t i = 0; i < VPATH_LONGEST - 1; i += 2)
		memcpy(text + i, "/d", 2);
	ck_assert_int_eq(vpath_resolve(&deep, NULL, text, VPATH_LONGEST - 1), 0);
	ck_assert_int_eq(store_make_directories(&store, &deep), 0);
	ck_assert_int_eq(store_make_directory(&store, &deep), -EEXIST);
}
END_TEST

START_TEST(names_are_changed)
{
	int free_one;

	open_store();
	free_one = lowest_free_descriptor();
	make_file("a", "text");
	make_folder("dir");
	link_to("nowhere", "link");
	ck_assert_int_eq(store_rename(&store, at("/a"), at("/b")), 0);
	scratch_expect(below("b"), "text");
	ck_assert(!scratch_exists(below("a")));
	ck_assert_int_eq(store_rename(&store, at("/b"), at("/dir/c")), 0);
	scratch_expect(below("dir/c"), "text");
	ck_assert_int_eq(store_rename(&store, at("/dir"), at("/folder")), 0);
	scratch_expect(below("folder/c"), "text");
	ck_assert_int_eq(store_rename(&store, at("/link"), at("/folder/link")), 0);
	ck_assert(scratch_exists(below("folder/link")));
	ck_assert_int_eq(store_rename(&store, at("/none"), at("/x")), -ENOENT);
	ck_assert_int_eq(store_rename(&store, at("/folder/c"), at("/none/x")), -ENOENT);
	ck_assert_int_eq(store_rename(&store, at("/folder/c"), at("/folder/c")), 0);
	scratch_expect(below("folder/c"), "text");
	ck_assert_int_eq(lowest_free_descriptor(), free_one);
}
END_TEST

START_TEST(files_replace_files_and_never_directories)
{
	open_store();
	make_file("a", "new");
	make_file("b", "old");
	make_folder("dir");
	make_folder("full");
	make_file("full/x", "");
	ck_assert_int_eq(store_rename(&store, at("/a"), at("/b")), 0);
	scratch_expect(below("b"), "new");
	ck_assert_int_eq(store_rename(&store, at("/b"), at("/dir")), -EISDIR);
	ck_assert_int_eq(store_rename(&store, at("/full"), at("/dir")), -EISDIR);
	ck_assert_int_eq(store_rename(&store, at("/full"), at("/b")), -EEXIST);
	ck_assert_int_eq(store_rename(&store, at("/full"), at("/full/inside")), -EINVAL);
	ck_assert_int_eq(store_rename(&store, at("/full"), at("/full")), 0);
	scratch_expect(below("b"), "new");
	ck_assert(scratch_exists(below("full/x")) && scratch_exists(below("dir")));
}
END_TEST

START_TEST(without_the_right_nothing_is_replaced)
{
	open_store();
	make_file("a", "a");
	make_file("b", "b");
	link_to("a", "link");
	store.may = RIGHTS_ALL & ~(uint32_t)RIGHT_overwrite;
	ck_assert_int_eq(store_rename(&store, at("/a"), at("/b")), -EEXIST);
	ck_assert_int_eq(store_rename(&store, at("/a"), at("/link")), -EEXIST);
	scratch_expect(below("a"), "a");
	scratch_expect(below("b"), "b");
	ck_assert_int_eq(store_rename(&store, at("/a"), at("/a")), 0);
	ck_assert_int_eq(store_rename(&store, at("/a"), at("/c")), 0);
	scratch_expect(below("c"), "a");
}
END_TEST

START_TEST(free_space_is_told)
{
	open_store();
	make_file("file", "");
	make_folder("dir");
	ck_assert_int_gt(store_free_bytes(&store, at("/")), 0);
	ck_assert_int_gt(store_free_bytes(&store, at("/dir")), 0);
	ck_assert_int_eq(store_free_bytes(&store, at("/file")), -ENOTDIR);
	ck_assert_int_eq(store_free_bytes(&store, at("/none")), -ENOENT);
}
END_TEST

SUITE(store_change, files_are_removed, link_is_removed_and_not_what_it_points_to,
	what_is_not_served_is_left_alone, broken_off_upload_is_removed_when_there_is_no_file,
	partials_have_no_names_of_their_own, root_is_never_changed, directories_are_made,
	directories_are_made_with_those_above, deepest_path_can_be_made, names_are_changed,
	files_replace_files_and_never_directories, without_the_right_nothing_is_replaced,
	free_space_is_told)
