#include "worker/store_change.h"

#include "tests/unit/store_setup.h"

static int remove_directory(const char *name)
{
	return store_remove_directory(&store, at(name));
}

static int remove_tree(const char *name)
{
	return store_remove_tree(&store, at(name), NULL, NULL);
}

START_TEST(empty_directories_are_removed)
{
	open_store();
	make_folder("dir");
	make_folder("full");
	make_file("full/.hidden", "");
	make_file("file", "");
	link_to("dir", "link");
	ck_assert_int_eq(remove_directory("/link"), -ENOTDIR);
	ck_assert_int_eq(remove_directory("/dir"), 0);
	ck_assert(!scratch_exists(below("dir")));
	ck_assert_int_eq(remove_directory("/dir"), -ENOENT);
	ck_assert_int_eq(remove_directory("/full"), -ENOTEMPTY);
	ck_assert_int_eq(remove_directory("/file"), -ENOTDIR);
	ck_assert(scratch_exists(below("file")) && scratch_exists(below("link")));
}
END_TEST

START_TEST(broken_off_uploads_do_not_fill_a_directory)
{
	int writer, free_one;

	open_store();
	free_one = lowest_free_descriptor();
	make_folder("dir");
	make_file("dir/.a.partial", "half");
	make_file("dir/.b.12-3.partial", "half");
	make_file("dir/c", "");
	ck_assert_int_eq(remove_directory("/dir"), -ENOTEMPTY);
	ck_assert(scratch_exists(below("dir/.a.partial")));
	ck_assert(scratch_exists(below("dir/.b.12-3.partial")));
	unlink(below("dir/c"));
	writer = lock_file("dir/.a.partial");
	ck_assert_int_eq(remove_directory("/dir"), -EBUSY);
	ck_assert(scratch_exists(below("dir/.a.partial")));
	close(writer);
	ck_assert_int_eq(remove_directory("/dir"), 0);
	ck_assert(!scratch_exists(below("dir")));
	ck_assert_int_eq(lowest_free_descriptor(), free_one);
}
END_TEST

START_TEST(what_only_looks_like_a_partial_fills_a_directory)
{
	open_store();
	make_folder("dir");
	make_folder("dir/.a.partial");
	ck_assert_int_eq(remove_directory("/dir"), -ENOTEMPTY);
	ck_assert_int_eq(rmdir(below("dir/.a.partial")), 0);
	link_to("/nowhere", "dir/.a.partial");
	ck_assert_int_eq(remove_directory("/dir"), -ENOTEMPTY);
	ck_assert(scratch_exists(below("dir/.a.partial")));
}
END_TEST

START_TEST(trees_are_removed)
{
	int free_one;
	char name[40];

	open_store();
	free_one = lowest_free_descriptor();
	scratch_write_text("secret", "secret");
	make_folder("kept");
	make_file("kept/file", "kept");
	make_folder("dir");
	make_folder("dir/a");
	make_folder("dir/a/b");
	for (int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "dir/%s%d", i % 2 ? "a/b/" : "", i);
		make_file(name, "");
	}
	make_file("dir/a/.x.partial", "half");
	link_to("../kept", "dir/to_kept");
	link_to("/", "dir/to_root");
	link_to("../../secret", "dir/to_secret");
	link_to("nowhere", "dir/a/dangling");
	ck_assert_int_eq(remove_tree("/dir"), 0);
	ck_assert(!scratch_exists(below("dir")));
	scratch_expect(below("kept/file"), "kept");
	scratch_expect("secret", "secret");
	ck_assert_int_eq(remove_tree("/dir"), -ENOENT);
	ck_assert_int_eq(lowest_free_descriptor(), free_one);
}
END_TEST

START_TEST(only_directories_are_trees)
{
	open_store();
	make_folder("dir");
	make_file("dir/a", "a");
	make_file("file", "");
	link_to("dir", "link");
	ck_assert_int_eq(remove_tree("/file"), -ENOTDIR);
	ck_assert_int_eq(remove_tree("/link"), -ENOTDIR);
	scratch_expect(below("dir/a"), "a");
}
END_TEST

START_TEST(running_upload_and_what_is_not_served_stop_it)
{
	int writer;

	open_store();
	make_folder("dir");
	make_folder("dir/a");
	writer = lock_file("dir/a/.x.partial");
	ck_assert_int_eq(remove_tree("/dir"), -EBUSY);
	ck_assert(scratch_exists(below("dir/a/.x.partial")));
	close(writer);
	ck_assert_int_eq(mkfifo(below("dir/a/fifo"), 0666), 0);
	ck_assert_int_eq(remove_tree("/dir"), -ENOTEMPTY);
	ck_assert(scratch_exists(below("dir/a/fifo")));
}
END_TEST

static int stop_at(void *context)
{
	int *left = context;

	return (*left)-- > 0 ? 0 : -ECANCELED;
}

START_TEST(it_can_be_stopped)
{
	char name[40];
	int left = 50, count = 0, free_one;
	DIR *stream;

	open_store();
	free_one = lowest_free_descriptor();
	make_folder("dir");
	make_folder("dir/inside");
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "dir/inside/%d", i);
		make_file(name, "");
	}
	ck_assert_int_eq(store_remove_tree(&store, at("/dir"), stop_at, &left), -ECANCELED);
	stream = opendir(below("dir/inside"));
	while (readdir(stream))
		count++;
	closedir(stream);
	/* Once for "inside", 49 times for a file; "." and "..". */
	ck_assert_int_eq(count, 100 - 49 + 2);
	ck_assert_int_eq(lowest_free_descriptor(), free_one);
}
END_TEST

static void make_deep(int levels)
{
	int here = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (int i = 0; i < levels; i++) {
		int next;

		ck_assert_int_eq(mkdirat(here, "d", 0755), 0);
		next = openat(here, "d", O_PATH | O_DIRECTORY | O_CLOEXEC);
		close(here);
		here = next;
	}
	close(here);
}

START_TEST(depth_is_bounded)
{
	open_store();
	make_deep(129);
	ck_assert_int_eq(remove_tree("/d"), 0);
	make_deep(131);
	ck_assert_int_eq(remove_tree("/d"), -ELOOP);
	/* From further down it can be done. */
	ck_assert_int_eq(remove_tree("/d/d/d"), 0);
	ck_assert_int_eq(remove_tree("/d"), 0);
	ck_assert(!scratch_exists(below("d")));
}
END_TEST

SUITE(store_change_tree, empty_directories_are_removed, broken_off_uploads_do_not_fill_a_directory,
	what_only_looks_like_a_partial_fills_a_directory, trees_are_removed,
	only_directories_are_trees, running_upload_and_what_is_not_served_stop_it,
	it_can_be_stopped, depth_is_bounded)
