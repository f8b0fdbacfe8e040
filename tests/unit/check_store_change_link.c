#include "worker/store_change.h"

#include "common/rights.h"

#include "tests/unit/store_setup.h"

static int make_link(const char *target, const char *path)
{
	return store_make_link(&store, target, strlen(target), at(path));
}

static void expect_link(const char *name, const char *text)
{
	char content[PATH_MAX];
	ssize_t length = readlink(below(name), content, sizeof(content) - 1);

	ck_assert_int_ge(length, 0);
	content[length] = '\0';
	ck_assert_str_eq(content, text);
}

START_TEST(links_are_stored_relative)
{
	static const struct {
		const char *target, *path, *text;
	} rows[] = {
		{"file", "/l1", "file"},
		{"/file", "/l2", "file"},
		{"/file", "/a/l3", "../file"},
		{"/file", "/a/b/l4", "../../file"},
		{"/a/b/x", "/a/b/l5", "x"},
		{"/a/x", "/a/b/l6", "../x"},
		{"../x", "/a/b/l7", "../x"},
		{"../../../../x", "/a/b/l8", "../../x"},
		{"/", "/a/b/l9", "../.."},
		{"/", "/l10", "."},
		{".", "/a/b/l11", "."},
		{"/a", "/a/b/l12", ".."},
		{"/a/b", "/a/l13", "b"},
		{"/ab/x", "/a/l14", "../ab/x"},
		{"/a/bc", "/a/b/l15", "../bc"},
		{"b/../../c//d/", "/a/l16", "../c/d"},
		{"/etc/passwd", "/a/b/l17", "../../etc/passwd"},
	};

	open_store();
	make_folder("a");
	make_folder("a/b");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_msg(make_link(rows[i].target, rows[i].path) == 0, "%s", rows[i].path);
		expect_link(rows[i].path, rows[i].text);
	}
}
END_TEST

/* The directory is not where its path says: what counts is where the link really stands. */
START_TEST(links_in_linked_directories_mean_the_same)
{
	char content[10] = "";
	struct store_file file;
	int free_one;

	open_store();
	free_one = lowest_free_descriptor();
	make_folder("a");
	make_folder("a/b");
	make_folder("a/b/c");
	make_file("file", "text");
	link_to("a/b/c", "short");
	ck_assert_int_eq(make_link("/file", "/short/link"), 0);
	expect_link("a/b/c/link", "../../../file");
	scratch_expect(below("a/b/c/link"), "text");
	ck_assert_int_eq(make_link("../file", "/short/up"), 0);
	scratch_expect(below("a/b/c/up"), "text");
	ck_assert_int_eq(make_link("/", "/short/root"), 0);
	expect_link("a/b/c/root", "../../..");
	ck_assert_int_eq(lowest_free_descriptor(), free_one);
	store.may = RIGHTS_ALL;
	ck_assert_int_eq(store_open_file(&store, at("/short/link"), &file), 0);
	ck_assert_int_eq(read(file.descriptor, content, sizeof(content)), 4);
	close(file.descriptor);
}
END_TEST

START_TEST(targets_and_places_are_checked)
{
	open_store();
	make_folder("dir");
	make_file("file", "");
	make_file(".file.partial", "half");
	ck_assert_int_eq(make_link("file", "/file"), -EEXIST);
	ck_assert_int_eq(make_link("file", "/dir"), -EEXIST);
	ck_assert_int_eq(make_link("file", "/none/link"), -ENOENT);
	ck_assert_int_eq(make_link("", "/link"), -EINVAL);
	ck_assert_int_eq(store_make_link(&store, "a\0b", 3, at("/link")), -EINVAL);
	ck_assert_int_eq(make_link(".file.partial", "/link"), -EINVAL);
	ck_assert_int_eq(make_link("/dir/.x.partial/y", "/link"), -EINVAL);
	ck_assert_int_eq(make_link("dir/../.file.partial", "/link"), -EINVAL);
	ck_assert(!scratch_exists(below("link")));
}
END_TEST

START_TEST(longest_link_is_made_and_a_longer_one_refused)
{
	char target[VPATH_LONGEST + 1];

	open_store();
	make_folder("d");
	for (size_t i = 0; i < VPATH_LONGEST; i++)
		target[i] = i % 200 ? 'x' : '/';
	target[VPATH_LONGEST - 3] = '\0';
	ck_assert_int_eq(make_link(target, "/link"), 0);
	expect_link("link", target + 1);
	ck_assert_int_eq(make_link(target, "/d/link"), 0);
	target[VPATH_LONGEST - 3] = 'x';
	target[VPATH_LONGEST] = '\0';
	ck_assert_int_eq(make_link(target, "/d/longer"), -ENAMETOOLONG);
}
END_TEST

SUITE(store_change_link, links_are_stored_relative, links_in_linked_directories_mean_the_same,
	targets_and_places_are_checked, longest_link_is_made_and_a_longer_one_refused)
