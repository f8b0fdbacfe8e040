/* Uploads of FTP: where STOR, REST and STOR, APPE, and STOU begin, and what is left of them. */
#include "worker/upload.h"

#include "common/rights.h"

#include "tests/unit/store_setup.h"

static struct upload upload, second;

static int begin_largest(struct upload *one, const char *name, int64_t from, uint64_t largest)
{
	static struct quota quota;

	quota.largest = largest;
	store.quota = &quota;
	return upload_open(
		one, &(struct upload_wish){
			     .store = &store, .path = at(name), .kind = UPLOAD_FTP, .from = from});
}

static int begin(struct upload *one, const char *name, int64_t from)
{
	return begin_largest(one, name, from, 0);
}

static void put(struct upload *one, const char *text)
{
	ck_assert_int_eq(upload_write(one, text, strlen(text)), 0);
}

static int commit(struct upload *one)
{
	char sum[DIGEST_TEXT] = "none";
	int error = upload_commit(one, SYNC_NONE, sum);

	ck_assert_str_eq(sum, "none");
	return error;
}

static void leave(const char *name, const char *text)
{
	ck_assert_int_eq(begin(&upload, name, 0), 0);
	put(&upload, text);
	upload_abandon(&upload);
}

/* How many names the root holds. */
static int names(void)
{
	DIR *stream = opendir(root);
	int count = 0;

	while (readdir(stream))
		count++;
	closedir(stream);
	return count - 2;
}

static int64_t unfinished(const char *name)
{
	struct store_file file;
	int error = store_look_partial(&store, at(name), &file);

	return error < 0 ? error : file.size;
}

START_TEST(broken_off_upload_is_found_and_gone_on_with)
{
	open_store();
	ck_assert_int_eq(unfinished("/a"), -ENOENT);
	leave("/a", "abcdef");
	ck_assert_int_eq(unfinished("/a"), 6);
	ck_assert_int_eq(begin(&upload, "/a", 6), 0);
	ck_assert_int_eq(upload.size, 6);
	put(&upload, "gh");
	ck_assert_int_eq(unfinished("/a"), 8);
	ck_assert_int_eq(commit(&upload), 0);
	scratch_expect(below("a"), "abcdefgh");
	ck_assert_int_eq(unfinished("/a"), -ENOENT);
	ck_assert_int_eq(names(), 1);
}
END_TEST

START_TEST(going_on_further_back_cuts)
{
	open_store();
	leave("/a", "abcdef");
	ck_assert_int_eq(begin(&upload, "/a", 2), 0);
	ck_assert_int_eq(upload.size, 2);
	put(&upload, "X");
	ck_assert_int_eq(commit(&upload), 0);
	scratch_expect(below("a"), "abX");
}
END_TEST

START_TEST(begun_again_it_forgets_what_was_kept)
{
	open_store();
	leave("/a", "abcdef");
	ck_assert_int_eq(begin(&upload, "/a", 0), 0);
	ck_assert_int_eq(upload.size, 0);
	/* Until there is something in its place. */
	upload_abandon(&upload);
	ck_assert_int_eq(unfinished("/a"), 6);
	ck_assert_int_eq(begin(&upload, "/a", 0), 0);
	put(&upload, "X");
	ck_assert_int_eq(commit(&upload), 0);
	scratch_expect(below("a"), "X");
	leave("/b", "abc");
	ck_assert_int_eq(begin(&upload, "/b", 0), 0);
	ck_assert_int_eq(commit(&upload), 0);
	scratch_expect(below("b"), "");
}
END_TEST

START_TEST(past_the_end_is_told_and_loses_nothing)
{
	open_store();
	ck_assert_int_eq(begin(&upload, "/a", 1), -ERANGE);
	ck_assert_int_eq(names(), 0);
	leave("/a", "abc");
	ck_assert_int_eq(begin(&upload, "/a", 4), -ERANGE);
	ck_assert_int_eq(begin(&upload, "/a", INT64_MAX), -ERANGE);
	ck_assert_int_eq(unfinished("/a"), 3);
	make_file("b", "abc");
	ck_assert_int_eq(begin(&upload, "/b", 4), -ERANGE);
	scratch_expect(below("b"), "abc");
	ck_assert_int_eq(names(), 2);
}
END_TEST

START_TEST(file_that_stands_is_gone_on_with_and_stays_until_then)
{
	open_store();
	make_file("a", "abcdef");
	chmod(below("a"), 0640);
	/* Of an upload in its place that broke off; no client is told of it. */
	make_file(".a.partial", "something longer");
	ck_assert_int_eq(unfinished("/a"), -ENOENT);
	ck_assert_int_eq(begin(&upload, "/a", 3), 0);
	ck_assert_int_eq(upload.size, 3);
	put(&upload, "XY");
	scratch_expect(below("a"), "abcdef");
	ck_assert_int_eq(commit(&upload), 0);
	scratch_expect(below("a"), "abcXY");
	ck_assert_uint_eq(mode_of("a"), 0640);
	ck_assert_int_eq(begin(&upload, "/a", 5), 0);
	put(&upload, "Z");
	upload_abandon(&upload);
	scratch_expect(below("a"), "abcXY");
	ck_assert_int_eq(names(), 1);
}
END_TEST

START_TEST(bytes_are_added_to_what_there_is)
{
	open_store();
	/* Nothing. */
	ck_assert_int_eq(begin(&upload, "/a", UPLOAD_APPEND), 0);
	ck_assert_int_eq(upload.size, 0);
	put(&upload, "ab");
	upload_abandon(&upload);
	/* What broke off. */
	ck_assert_int_eq(begin(&upload, "/a", UPLOAD_APPEND), 0);
	ck_assert_int_eq(upload.size, 2);
	put(&upload, "cd");
	ck_assert_int_eq(commit(&upload), 0);
	scratch_expect(below("a"), "abcd");
	/* The file. */
	ck_assert_int_eq(begin(&upload, "/a", UPLOAD_APPEND), 0);
	ck_assert_int_eq(upload.size, 4);
	put(&upload, "ef");
	scratch_expect(below("a"), "abcd");
	ck_assert_int_eq(commit(&upload), 0);
	scratch_expect(below("a"), "abcdef");
	ck_assert_int_eq(names(), 1);
	ck_assert_int_eq(begin(&upload, "/a", UPLOAD_APPEND), 0);
	ck_assert_int_eq(commit(&upload), 0);
	scratch_expect(below("a"), "abcdef");
}
END_TEST

START_TEST(two_writers_never_mix)
{
	open_store();
	leave("/a", "kept ");
	ck_assert_int_eq(begin(&upload, "/a", 5), 0);
	put(&upload, "one");
	ck_assert_int_eq(begin(&second, "/a", 1), -EBUSY);
	ck_assert_int_eq(begin(&second, "/a", UPLOAD_APPEND), -EBUSY);
	ck_assert_int_eq(begin(&second, "/a", 0), 0);
	put(&second, "two");
	put(&upload, " more");
	upload_abandon(&second);
	ck_assert_int_eq(names(), 1);
	ck_assert_int_eq(begin(&second, "/a", 0), 0);
	put(&second, "three");
	ck_assert_int_eq(commit(&second), 0);
	scratch_expect(below("a"), "three");
	ck_assert_int_eq(commit(&upload), 0);
	scratch_expect(below("a"), "kept one more");
	ck_assert_int_eq(names(), 1);
}
END_TEST

START_TEST(largest_holds_for_what_is_gone_on_with)
{
	open_store();
	make_file("a", "abcdef");
	ck_assert_int_eq(begin_largest(&upload, "/a", UPLOAD_APPEND, 5), -EFBIG);
	ck_assert_int_eq(names(), 1);
	ck_assert_int_eq(begin_largest(&upload, "/a", UPLOAD_APPEND, 7), 0);
	ck_assert_int_eq(upload_fits(&upload, 1), 0);
	ck_assert_int_eq(upload_fits(&upload, 2), -EFBIG);
	ck_assert_int_eq(upload_fits(&upload, INT64_MAX), -EFBIG);
	put(&upload, "g");
	ck_assert_int_eq(upload_write(&upload, "h", 1), -EFBIG);
	ck_assert_int_eq(commit(&upload), 0);
	scratch_expect(below("a"), "abcdefg");
}
END_TEST

/* More bytes than are copied at once. */
START_TEST(large_file_is_gone_on_with)
{
	enum { SIZE = 20 * 1024 * 1024 + 1 };
	char *bytes = malloc(SIZE + 2);
	char *read = malloc(SIZE + 2);

	open_store();
	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = (char)random();
	scratch_write(below("a"), bytes, SIZE);
	ck_assert_int_eq(begin(&upload, "/a", SIZE - 1), 0);
	ck_assert_int_eq(upload_write(&upload, "x", 1), 0);
	ck_assert_int_eq(commit(&upload), 0);
	ck_assert_uint_eq(scratch_read(below("a"), read, SIZE + 2), SIZE);
	bytes[SIZE - 1] = 'x';
	ck_assert_int_eq(memcmp(bytes, read, SIZE), 0);
	free(bytes);
	free(read);
}
END_TEST

START_TEST(links_are_read_inside_and_replaced)
{
	open_store();
	scratch_write_text("secret", "secret");
	make_file("file", "text");
	link_to("file", "link");
	link_to("../secret", "outside");
	ck_assert_int_eq(begin(&upload, "/link", UPLOAD_APPEND), 0);
	put(&upload, "+");
	ck_assert_int_eq(commit(&upload), 0);
	scratch_expect(below("link"), "text+");
	scratch_expect(below("file"), "text");
	/* Nothing stands there, as far as a client can tell. */
	ck_assert_int_eq(begin(&upload, "/outside", UPLOAD_APPEND), 0);
	ck_assert_int_eq(upload.size, 0);
	ck_assert_int_eq(commit(&upload), 0);
	scratch_expect("secret", "secret");
	scratch_expect(below("outside"), "");
}
END_TEST

/* ---- rights ---- */

static void without(uint32_t rights)
{
	store.may = RIGHTS_ALL & ~rights;
}

START_TEST(rights_are_asked_when_it_begins)
{
	open_store();
	make_file("file", "text");
	leave("/kept", "kept");
	without(RIGHT_put);
	ck_assert_int_eq(begin(&upload, "/new", 0), -EPERM);
	ck_assert_int_eq(begin(&upload, "/no/such", 0), -EPERM);
	ck_assert_int_eq(unfinished("/kept"), -EPERM);
	without(RIGHT_overwrite);
	ck_assert_int_eq(begin(&upload, "/file", 0), -EEXIST);
	ck_assert_int_eq(begin(&upload, "/file", 2), -EEXIST);
	without(RIGHT_resume);
	ck_assert_int_eq(begin(&upload, "/kept", 4), -EPERM);
	ck_assert_int_eq(begin(&upload, "/file", 4), -EPERM);
	ck_assert_int_eq(begin(&upload, "/kept", UPLOAD_APPEND), 0);
	ck_assert_int_eq(upload.size, 0);
	upload_abandon(&upload);
	ck_assert_int_eq(unfinished("/kept"), 4);
	without(RIGHT_append);
	ck_assert_int_eq(begin(&upload, "/file", UPLOAD_APPEND), -EPERM);
	ck_assert_int_eq(begin(&upload, "/kept", UPLOAD_APPEND), 0);
	ck_assert_int_eq(upload.size, 4);
	upload_abandon(&upload);
	scratch_expect(below("file"), "text");
	ck_assert_int_eq(names(), 2);
}
END_TEST

START_TEST(right_to_put_is_enough_for_a_new_file)
{
	open_store();
	store.may = RIGHT_put;
	ck_assert_int_eq(begin(&upload, "/a", 0), 0);
	put(&upload, "text");
	ck_assert_int_eq(commit(&upload), 0);
	scratch_expect(below("a"), "text");
}
END_TEST

START_TEST(right_to_append_is_enough_to_append)
{
	open_store();
	make_file("a", "ab");
	store.may = RIGHT_put | RIGHT_append;
	ck_assert_int_eq(begin(&upload, "/a", UPLOAD_APPEND), 0);
	put(&upload, "c");
	ck_assert_int_eq(commit(&upload), 0);
	scratch_expect(below("a"), "abc");
	/* But not to put it in place of what came there meanwhile, nor in place of a link. */
	ck_assert_int_eq(begin(&upload, "/a", UPLOAD_APPEND), 0);
	put(&upload, "d");
	make_file("other", "other");
	ck_assert_int_eq(rename(below("other"), below("a")), 0);
	ck_assert_int_eq(commit(&upload), -EEXIST);
	scratch_expect(below("a"), "other");
	link_to("a", "link");
	ck_assert_int_eq(begin(&upload, "/link", UPLOAD_APPEND), -EEXIST);
	ck_assert_int_eq(names(), 2);
}
END_TEST

START_TEST(right_to_overwrite_is_asked_again_when_it_ends)
{
	open_store();
	without(RIGHT_overwrite);
	ck_assert_int_eq(begin(&upload, "/a", 0), 0);
	put(&upload, "late");
	make_file("a", "first");
	ck_assert_int_eq(commit(&upload), -EEXIST);
	scratch_expect(below("a"), "first");
	ck_assert_int_eq(names(), 1);
}
END_TEST

/* ---- STOU ---- */

static int begin_unique(struct upload *one, const char *name, struct vpath *made)
{
	return upload_open_unique(one,
		&(struct upload_wish){.store = &store, .path = at(name), .kind = UPLOAD_FTP}, made);
}

START_TEST(unique_names_are_names_that_nothing_has)
{
	struct vpath made;

	open_store();
	store.may = RIGHT_put;
	make_folder("dir");
	ck_assert_int_eq(begin_unique(&upload, "/dir/a", &made), 0);
	ck_assert_str_eq(made.text, "/dir/a");
	ck_assert_int_eq(begin_unique(&second, "/dir/a", &made), 0);
	ck_assert_str_eq(made.text, "/dir/a.1");
	put(&upload, "one");
	put(&second, "two");
	ck_assert_int_eq(commit(&second), 0);
	ck_assert_int_eq(commit(&upload), 0);
	scratch_expect(below("dir/a"), "one");
	scratch_expect(below("dir/a.1"), "two");
	make_folder("dir/a.2");
	link_to("nowhere", "dir/a.3");
	make_file("dir/.a.4.partial", "half");
	ck_assert_int_eq(begin_unique(&upload, "/dir/a", &made), 0);
	ck_assert_str_eq(made.text, "/dir/a.5");
	ck_assert_int_eq(commit(&upload), 0);
	ck_assert_int_eq(begin_unique(&upload, "/dir", &made), 0);
	ck_assert_str_eq(made.text, "/dir.1");
	upload_abandon(&upload);
	ck_assert_int_eq(begin_unique(&upload, "/", &made), -EISDIR);
	ck_assert_int_eq(begin_unique(&upload, "/no/a", &made), -ENOENT);
	ck_assert_int_eq(begin_unique(&upload, "/.a.partial", &made), -EINVAL);
	store.may = RIGHTS_ALL & ~(uint32_t)RIGHT_put;
	ck_assert_int_eq(begin_unique(&upload, "/a", &made), -EPERM);
	ck_assert_int_eq(names(), 1);
}
END_TEST

START_TEST(unique_file_never_replaces_and_is_gone_on_with)
{
	struct vpath made;

	open_store();
	ck_assert_int_eq(begin_unique(&upload, "/a", &made), 0);
	put(&upload, "one");
	make_file("a", "first");
	ck_assert_int_eq(commit(&upload), -EEXIST);
	scratch_expect(below("a"), "first");
	ck_assert_int_eq(names(), 1);
	ck_assert_int_eq(begin_unique(&upload, "/a", &made), 0);
	put(&upload, "half");
	upload_abandon(&upload);
	ck_assert_int_eq(begin(&upload, made.text, 4), 0);
	put(&upload, "whole");
	ck_assert_int_eq(commit(&upload), 0);
	scratch_expect(below("a.1"), "halfwhole");
}
END_TEST

START_TEST(longest_unique_name_is_refused_not_cut)
{
	char name[VPATH_NAME_LONGEST + 2];
	struct vpath made;

	open_store();
	memset(name, 'x', sizeof(name));
	name[0] = '/';
	name[VPATH_NAME_LONGEST + 1] = '\0';
	ck_assert_int_eq(begin_unique(&upload, name, &made), 0);
	ck_assert_str_eq(made.text, name);
	ck_assert_int_eq(commit(&upload), 0);
	ck_assert_int_eq(begin_unique(&upload, name, &made), -ENAMETOOLONG);
	ck_assert_int_eq(names(), 1);
}
END_TEST

START_TEST(failed_opening_leaves_nothing_behind)
{
	struct vpath made;
	int free_one;

	open_store();
	free_one = lowest_free_descriptor();
	make_folder("dir");
	make_file("file", "text");
	ck_assert_int_eq(begin(&upload, "/dir", 0), -EISDIR);
	ck_assert_int_eq(begin(&upload, "/dir", UPLOAD_APPEND), -EISDIR);
	ck_assert_int_eq(begin(&upload, "/file", 5), -ERANGE);
	ck_assert_int_eq(begin_unique(&upload, "/none/a", &made), -ENOENT);
	ck_assert_int_eq(lowest_free_descriptor(), free_one);
	ck_assert_int_eq(names(), 2);
}
END_TEST

SUITE(upload_ftp, broken_off_upload_is_found_and_gone_on_with, going_on_further_back_cuts,
	begun_again_it_forgets_what_was_kept, past_the_end_is_told_and_loses_nothing,
	file_that_stands_is_gone_on_with_and_stays_until_then, bytes_are_added_to_what_there_is,
	two_writers_never_mix, largest_holds_for_what_is_gone_on_with, large_file_is_gone_on_with,
	links_are_read_inside_and_replaced, rights_are_asked_when_it_begins,
	right_to_put_is_enough_for_a_new_file, right_to_append_is_enough_to_append,
	right_to_overwrite_is_asked_again_when_it_ends, unique_names_are_names_that_nothing_has,
	unique_file_never_replaces_and_is_gone_on_with, longest_unique_name_is_refused_not_cut,
	failed_opening_leaves_nothing_behind)
