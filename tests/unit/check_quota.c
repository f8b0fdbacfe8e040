/* Quotas, deed by deed: after each one what is counted is what a walk of the tree finds. */
#include "worker/quota.h"

#include "worker/quota_count.h"
#include "worker/store_change.h"
#include "worker/upload.h"

#include "tests/unit/store_setup.h"

#include <signal.h>
#include <sys/wait.h>

static struct quota quota;
static struct ledger *ledger;
static struct upload upload;

static void begin_with(uint64_t bytes, uint64_t files)
{
	const struct user_amounts amounts = {.quota_bytes = bytes, .quota_files = files};
	struct stat status;

	open_store();
	ledger = ledger_new();
	ck_assert_int_eq(fstat(store.root, &status), 0);
	ck_assert_int_eq(
		quota_open(&quota, ledger, store.root,
			&(struct ledger_key){status.st_dev, status.st_ino}, "anna", &amounts),
		0);
	store.quota = &quota;
}

/* What stands in the ledger is so much, and what is there. */
static void expect(int64_t bytes, int64_t files)
{
	struct quota_change change;
	struct ledger_key key;
	struct ledger_use use, found;

	ck_assert_int_eq(quota_begin(&change, &quota), 0);
	quota_end(&change);
	ck_assert(ledger_look(ledger, 0, &key, &use));
	ck_assert_int_eq(quota_count(store.root, &found), 0);
	ck_assert_msg(use.bytes == bytes && use.files == files,
		"counted are %jd bytes in %jd files", (intmax_t)use.bytes, (intmax_t)use.files);
	ck_assert_msg(found.bytes == bytes && found.files == files,
		"there are %jd bytes in %jd files", (intmax_t)found.bytes, (intmax_t)found.files);
}

static int begin(const char *name, enum upload_kind kind, int64_t from)
{
	return upload_open(
		&upload, &(struct upload_wish){
				 .store = &store, .path = at(name), .kind = kind, .from = from});
}

static int add(const char *text)
{
	return upload_write(&upload, text, strlen(text));
}

static int put(const char *name, const char *text)
{
	int error = begin(name, UPLOAD_FTP, 0);

	if (error == 0 && (error = add(text)) < 0)
		upload_abandon(&upload);
	return error < 0 ? error : upload_commit(&upload, SYNC_NONE, NULL);
}

static const char *reason(int error)
{
	static char text[QUOTA_TEXT];

	return quota_refusal_text(error, text);
}

START_TEST(what_is_there_already_counts)
{
	begin_with(10, 0);
	make_file("old", "1234567");
	ck_assert_int_eq(put("/a", "abcd"), -EDQUOT);
	ck_assert_str_eq(reason(-EDQUOT), "over the quota of bytes: of 10, 3 are left");
	expect(7, 1);
	ck_assert_int_eq(put("/a", "abc"), 0);
	expect(10, 2);
	ck_assert_int_eq(quota_left(&quota, NULL), 0);
	ck_assert_int_eq(store_free_bytes(&store, at("/")), 0);
}
END_TEST

START_TEST(every_deed_is_counted)
{
	begin_with(1000, 100);
	ck_assert_int_eq(store_make_directory(&store, at("/d")), 0);
	ck_assert_int_eq(store_make_directory(&store, at("/d")), -EEXIST);
	ck_assert_int_eq(store_make_directories(&store, at("/d/e/f")), 0);
	expect(0, 3);
	ck_assert_int_eq(put("/d/e/file", "12345"), 0);
	ck_assert_int_eq(put("/d/e/file", "123"), 0);
	ck_assert_int_eq(put("/other", "1234567"), 0);
	expect(10, 5);
	ck_assert_int_eq(store_make_link(&store, "/other", 6, at("/link")), 0);
	expect(10, 6);
	ck_assert_int_eq(store_copy(&store, at("/other"), at("/copy"), NULL, NULL, NULL, NULL), 0);
	expect(17, 7);
	ck_assert_int_eq(store_rename(&store, at("/copy"), at("/d/moved")), 0);
	expect(17, 7);
	ck_assert_int_eq(store_rename(&store, at("/d/moved"), at("/d/e/file")), 0);
	expect(14, 6);
	ck_assert_int_eq(store_rename(&store, at("/other"), at("/link")), 0);
	expect(14, 5);
	ck_assert_int_eq(store_remove_file(&store, at("/link")), 0);
	ck_assert_int_eq(store_remove_directory(&store, at("/d/e/f")), 0);
	ck_assert_int_eq(store_remove_directory(&store, at("/d/e")), -ENOTEMPTY);
	expect(7, 3);
	ck_assert_int_eq(store_remove_tree(&store, at("/d"), NULL, NULL), 0);
	expect(0, 0);
}
END_TEST

START_TEST(partials_count_as_long_as_they_are_there)
{
	begin_with(1000, 100);
	ck_assert_int_eq(begin("/a", UPLOAD_FTP, 0), 0);
	ck_assert_int_eq(add("12345"), 0);
	expect(5, 1);
	upload_abandon(&upload);
	expect(5, 1);
	/* Gone on with in the middle, it loses its tail. */
	ck_assert_int_eq(begin("/a", UPLOAD_FTP, 3), 0);
	expect(5, 1);
	ck_assert_int_eq(add("x"), 0);
	expect(4, 1);
	ck_assert_int_eq(upload_commit(&upload, SYNC_NONE, NULL), 0);
	expect(4, 1);
	/* Behind a file: a copy of it, until that takes its place. */
	ck_assert_int_eq(begin("/a", UPLOAD_FTP, UPLOAD_APPEND), 0);
	ck_assert_int_eq(add("yz"), 0);
	expect(10, 2);
	ck_assert_int_eq(upload_commit(&upload, SYNC_NONE, NULL), 0);
	expect(6, 1);
	/* One that is all or nothing, and one that an order removes. */
	ck_assert_int_eq(begin("/b", UPLOAD_SINGLE, 0), 0);
	ck_assert_int_eq(add("123"), 0);
	upload_abandon(&upload);
	ck_assert_int_eq(begin("/c", UPLOAD_RESUMABLE, 0), 0);
	ck_assert_int_eq(add("123"), 0);
	upload_abandon(&upload);
	expect(9, 2);
	/* Kept bytes that nobody asked for go with the commit. */
	ck_assert_int_eq(begin("/c", UPLOAD_RESUMABLE, 1), 0);
	ck_assert_int_eq(upload_commit(&upload, SYNC_NONE, NULL), 0);
	expect(7, 2);
	ck_assert_int_eq(begin("/d", UPLOAD_FTP, 0), 0);
	ck_assert_int_eq(add("123"), 0);
	upload_abandon(&upload);
	ck_assert_int_eq(store_remove_file(&store, at("/d")), 0);
	expect(7, 2);
}
END_TEST

START_TEST(nothing_goes_over_the_limit_of_bytes)
{
	begin_with(10, 0);
	ck_assert_int_eq(put("/a", "123456"), 0);
	ck_assert_int_eq(begin("/b", UPLOAD_RESUMABLE, 0), 0);
	ck_assert_int_eq(upload_fits(&upload, 4), 0);
	ck_assert_int_eq(upload_fits(&upload, 5), -EDQUOT);
	ck_assert_str_eq(reason(-EDQUOT), "over the quota of bytes: of 10, 4 are left");
	ck_assert_int_eq(add("123"), 0);
	ck_assert_int_eq(upload_fits(&upload, 1), 0);
	ck_assert_int_eq(upload_fits(&upload, 2), -EDQUOT);
	/* Nothing is left of what can never be whole. */
	ck_assert_int_eq(add("45"), -EDQUOT);
	upload_abandon(&upload);
	expect(6, 1);
	ck_assert_int_eq(
		store_copy(&store, at("/a"), at("/copy"), NULL, NULL, NULL, NULL), -EDQUOT);
	expect(6, 1);
	ck_assert_int_eq(begin("/a", UPLOAD_FTP, UPLOAD_APPEND), 0);
	ck_assert_int_eq(add("78901"), -EDQUOT);
	upload_abandon(&upload);
	expect(6, 1);
}
END_TEST

START_TEST(nothing_goes_over_the_limit_of_files)
{
	begin_with(0, 2);
	ck_assert_int_eq(put("/a", "1"), 0);
	ck_assert_int_eq(store_make_directory(&store, at("/d")), 0);
	ck_assert_int_eq(store_make_directory(&store, at("/e")), -EDQUOT);
	ck_assert_str_eq(reason(-EDQUOT), "over the quota of files: of 2, 0 are left");
	ck_assert_int_eq(store_make_directory(&store, at("/d")), -EEXIST);
	ck_assert_int_eq(store_make_directories(&store, at("/d")), 0);
	ck_assert_int_eq(store_make_directories(&store, at("/d/f")), -EDQUOT);
	ck_assert_int_eq(store_make_link(&store, "/a", 2, at("/link")), -EDQUOT);
	ck_assert_int_eq(put("/b", "1"), -EDQUOT);
	expect(1, 2);
	ck_assert_int_eq(put("/a", "12"), 0); /* that is none more */
	expect(2, 2);
}
END_TEST

START_TEST(a_file_can_be_replaced_in_a_full_tree)
{
	begin_with(10, 1);
	ck_assert_int_eq(put("/a", "1234567890"), 0);
	ck_assert_int_eq(put("/a", "abcdefghij"), 0);
	ck_assert_int_eq(put("/a", "abcdefghijk"), -EDQUOT);
	expect(10, 1);
	/* What breaks off cannot stay beside it. */
	ck_assert_int_eq(begin("/a", UPLOAD_RESUMABLE, 0), 0);
	ck_assert_int_eq(add("xyz"), 0);
	expect(13, 2);
	upload_abandon(&upload);
	expect(10, 1);
}
END_TEST

START_TEST(room_that_is_spare_is_spare_once)
{
	static struct upload first;

	begin_with(10, 0);
	ck_assert_int_eq(put("/a", "12345678"), 0);
	ck_assert_int_eq(begin("/a", UPLOAD_FTP, 0), 0);
	ck_assert_int_eq(add("abcdefgh"), 0);
	first = upload;
	ck_assert_int_eq(put("/a", "12345678"), -EDQUOT);
	expect(16, 2);
	/* The file went meanwhile, and others have taken its room. */
	ck_assert_int_eq(store_remove_file(&store, at("/a")), 0);
	expect(8, 1);
	ck_assert_int_eq(put("/b", "12"), 0);
	ck_assert_int_eq(upload_commit(&first, SYNC_NONE, NULL), 0);
	expect(10, 2);
}
END_TEST

START_TEST(room_that_is_not_spare_after_all_is_refused)
{
	static struct upload first;

	begin_with(10, 0);
	ck_assert_int_eq(put("/a", "12345678"), 0);
	ck_assert_int_eq(begin("/a", UPLOAD_FTP, 0), 0);
	ck_assert_int_eq(add("abcdefgh"), 0);
	first = upload;
	ck_assert_int_eq(store_remove_file(&store, at("/a")), 0);
	make_file("from outside", "1234");
	ledger_doubt(ledger, 0);
	ck_assert_int_eq(upload_commit(&first, SYNC_NONE, NULL), -EDQUOT);
	expect(4, 1);
}
END_TEST

/* As LGPQ's clients without an account, who share the root. */
START_TEST(who_has_no_quota_is_counted_as_well)
{
	static struct quota other;
	const struct user_amounts none = {0};

	begin_with(10, 0);
	ck_assert_int_eq(quota_open(&other, ledger, store.root, &quota.key, NULL, &none), 0);
	expect(0, 0);
	store.quota = &other;
	ck_assert_int_eq(put("/a", "123456789012"), 0);
	expect(12, 1);
	ck_assert_int_eq(quota_left(&other, NULL), INT64_MAX);
	store.quota = &quota;
	ck_assert_int_eq(put("/b", "1"), -EDQUOT);
	ck_assert_int_eq(put("/b", ""), 0);
	ck_assert_int_eq(store_remove_file(&store, at("/a")), 0);
	expect(0, 1);
}
END_TEST

START_TEST(after_a_killed_writer_all_is_counted_again)
{
	int ready[2], status;
	char byte;
	pid_t child;

	begin_with(1000, 0);
	expect(0, 0);
	ck_assert_int_eq(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		struct quota_change change;

		(void)begin("/a", UPLOAD_FTP, 0);
		(void)add("12345");
		/* Between the ledger and the disk. */
		(void)quota_begin(&change, &quota);
		(void)quota_grow(&change, NULL, 300, 0);
		(void)!write(ready[1], "!", 1);
		pause();
	}
	ck_assert_int_eq(read(ready[0], &byte, 1), 1);
	kill(child, SIGKILL);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	expect(5, 1);
}
END_TEST

START_TEST(largest_says_which_limit_it_was)
{
	begin_with(0, 0);
	quota.largest = 5;
	ck_assert_int_eq(put("/a", "123456"), -EFBIG);
	ck_assert_str_eq(reason(-EFBIG), "larger than limits.upload_size allows, which is 5 bytes");
	ck_assert_ptr_null(reason(-EDQUOT));
	quota.largest_own = true;
	ck_assert_int_eq(put("/a", "123456"), -EFBIG);
	ck_assert_str_eq(
		reason(-EFBIG), "larger than this account's upload_size allows, which is 5 bytes");
	(void)quota_disk_error(-EFBIG);
	ck_assert_ptr_null(reason(-EFBIG));
	make_file("large", "1234567");
	ck_assert_int_eq(
		store_copy(&store, at("/large"), at("/copy"), NULL, NULL, NULL, NULL), -EFBIG);
	ck_assert_int_ne(access(below("copy"), F_OK), 0);
	ck_assert_int_ne(access(below(".a.partial"), F_OK), 0);
}
END_TEST

START_TEST(without_quotas_nothing_is_counted)
{
	begin_with(0, 0);
	ck_assert_int_eq(put("/a", "123456"), 0);
	ck_assert_uint_eq(ledger_trees(ledger), 0);
	ck_assert_int_eq(quota_left(&quota, NULL), INT64_MAX);
}
END_TEST

SUITE(quota, what_is_there_already_counts, every_deed_is_counted,
	partials_count_as_long_as_they_are_there, nothing_goes_over_the_limit_of_bytes,
	nothing_goes_over_the_limit_of_files, a_file_can_be_replaced_in_a_full_tree,
	room_that_is_spare_is_spare_once, room_that_is_not_spare_after_all_is_refused,
	who_has_no_quota_is_counted_as_well, after_a_killed_writer_all_is_counted_again,
	largest_says_which_limit_it_was, without_quotas_nothing_is_counted)
