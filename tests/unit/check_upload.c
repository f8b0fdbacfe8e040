#include "worker/store_change.h"
#include "worker/upload.h"

#include "tests/unit/scratch.h"
#include "tests/unit/suite.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

#define ABC_SUM "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static struct store store;
static struct upload upload;
static char root[PATH_MAX];

static void open_store(void)
{
	umask(022);
	scratch_folder(root, "root");
	ck_assert_int_eq(store_open(&store, root), 0);
}

static const char *below(const char *name)
{
	return scratch_path(root, name);
}

static int begin(struct upload *one, const char *name, enum upload_kind kind, int64_t from)
{
	struct vpath path;

	ck_assert_int_eq(vpath_resolve(&path, NULL, name, strlen(name)), 0);
	return upload_open(one,
		&(struct upload_wish){.store = &store, .path = &path, .kind = kind, .from = from});
}

static void put(struct upload *one, const char *text)
{
	ck_assert_int_eq(upload_write(one, text, strlen(text)), 0);
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

static int lowest_free_descriptor(void)
{
	int descriptor = dup(STDERR_FILENO);

	close(descriptor);
	return descriptor;
}

START_TEST(file_appears_whole_or_not_at_all)
{
	char sum[DIGEST_TEXT];
	int free_one;

	open_store();
	free_one = lowest_free_descriptor();
	ck_assert_int_eq(begin(&upload, "/a", UPLOAD_RESUMABLE, 0), 0);
	ck_assert_int_eq(upload.size, 0);
	put(&upload, "a");
	put(&upload, "bc");
	ck_assert_int_eq(upload.size, 3);
	ck_assert(!scratch_exists(below("a")));
	ck_assert_int_eq(upload_commit(&upload, SYNC_DATA, sum), 0);
	ck_assert_str_eq(sum, ABC_SUM);
	scratch_expect(below("a"), "abc");
	ck_assert_int_eq(names(), 1);
	ck_assert_int_eq(lowest_free_descriptor(), free_one);
}
END_TEST

START_TEST(every_kind_commits_with_every_sync)
{
	static const enum config_sync syncs[] = {SYNC_NONE, SYNC_DATA, SYNC_FULL};

	open_store();
	for (int kind = UPLOAD_RESUMABLE; kind <= UPLOAD_FTP; kind++) {
		for (size_t i = 0; i < 3; i++) {
			char text[20];

			snprintf(text, sizeof(text), "%d %zu", kind, i);
			ck_assert_int_eq(begin(&upload, "/a", (enum upload_kind)kind, 0), 0);
			put(&upload, text);
			ck_assert_int_eq(upload_commit(&upload, syncs[i], NULL), 0);
			scratch_expect(below("a"), text);
			ck_assert_int_eq(names(), 1);
		}
	}
}
END_TEST

START_TEST(empty_file_is_a_file)
{
	char sum[DIGEST_TEXT];

	open_store();
	ck_assert_int_eq(begin(&upload, "/a", UPLOAD_RESUMABLE, 0), 0);
	ck_assert_int_eq(upload_commit(&upload, SYNC_FULL, sum), 0);
	ck_assert_str_eq(sum, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	scratch_expect(below("a"), "");
}
END_TEST

START_TEST(goes_on_from_what_was_kept)
{
	static const struct {
		int64_t from, begins;
	} rows[] = {{2, 2}, {1, 1}, {100, 2}, {INT64_MAX, 2}, {0, 0}};
	char sum[DIGEST_TEXT];

	open_store();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		ck_assert_int_eq(begin(&upload, "/a", UPLOAD_RESUMABLE, 0), 0);
		put(&upload, "ab");
		upload_abandon(&upload);
		ck_assert(!scratch_exists(below("a")));
		ck_assert_int_eq(begin(&upload, "/a", UPLOAD_RESUMABLE, rows[i].from), 0);
		ck_assert_int_eq(upload.size, rows[i].begins);
		put(&upload, &"abc"[rows[i].begins]);
		ck_assert_int_eq(upload_commit(&upload, SYNC_NONE, sum), 0);
		ck_assert_str_eq(sum, ABC_SUM);
		scratch_expect(below("a"), "abc");
		unlink(below("a"));
	}
}
END_TEST

/* Over more than one chunk of the digest. */
START_TEST(sum_is_of_all_attempts)
{
	enum { SIZE = 300000 };
	static char bytes[SIZE];
	char once[DIGEST_TEXT], resumed[DIGEST_TEXT];
	struct digest *digest = digest_new();

	for (size_t i = 0; i < SIZE; i++)
		bytes[i] = (char)random();
	digest_add(digest, bytes, SIZE);
	digest_text(digest, once);
	digest_free(digest);
	open_store();
	for (int64_t cut = 0; cut <= SIZE; cut += 99999) {
		ck_assert_int_eq(begin(&upload, "/a", UPLOAD_RESUMABLE, 0), 0);
		ck_assert_int_eq(upload_write(&upload, bytes, SIZE), 0);
		upload_abandon(&upload);
		ck_assert_int_eq(begin(&upload, "/a", UPLOAD_RESUMABLE, cut), 0);
		ck_assert_int_eq(upload.size, cut);
		ck_assert_int_eq(upload_write(&upload, bytes + cut, (size_t)(SIZE - cut)), 0);
		ck_assert_int_eq(upload_commit(&upload, SYNC_NONE, resumed), 0);
		ck_assert_str_eq(resumed, once);
	}
}
END_TEST

START_TEST(second_resumable_writer_is_told_busy)
{
	struct upload second;

	open_store();
	ck_assert_int_eq(begin(&upload, "/a", UPLOAD_RESUMABLE, 0), 0);
	put(&upload, "first");
	ck_assert_int_eq(begin(&second, "/a", UPLOAD_RESUMABLE, 0), -EBUSY);
	ck_assert_int_eq(begin(&second, "/b", UPLOAD_RESUMABLE, 0), 0);
	upload_abandon(&second);
	ck_assert_int_eq(upload_commit(&upload, SYNC_NONE, NULL), 0);
	scratch_expect(below("a"), "first");
	/* Free again. */
	ck_assert_int_eq(begin(&second, "/a", UPLOAD_RESUMABLE, 0), 0);
	upload_abandon(&second);
	ck_assert_int_eq(names(), 1);
}
END_TEST

START_TEST(single_ones_run_side_by_side_and_the_last_wins)
{
	enum { MANY = 10 };
	struct upload many[MANY];

	open_store();
	ck_assert_int_eq(begin(&upload, "/a", UPLOAD_RESUMABLE, 0), 0);
	put(&upload, "resumable");
	for (int i = 0; i < MANY; i++)
		ck_assert_int_eq(begin(&many[i], "/a", UPLOAD_SINGLE, 0), 0);
	for (int i = 0; i < MANY; i++) {
		char text[] = {(char)('0' + i), '\0'};

		put(&many[i], text);
	}
	for (int i = MANY - 1; i > 0; i--) {
		char text[] = {(char)('0' + i), '\0'};

		ck_assert_int_eq(upload_commit(&many[i], SYNC_NONE, NULL), 0);
		scratch_expect(below("a"), text);
	}
	upload_abandon(&many[0]);
	scratch_expect(below("a"), "1");
	ck_assert_int_eq(upload_commit(&upload, SYNC_NONE, NULL), 0);
	scratch_expect(below("a"), "resumable");
	ck_assert_int_eq(names(), 1);
}
END_TEST

START_TEST(abandoned_resumable_stays_hidden_and_single_is_gone)
{
	open_store();
	ck_assert_int_eq(begin(&upload, "/a", UPLOAD_SINGLE, 0), 0);
	put(&upload, "bytes");
	upload_abandon(&upload);
	ck_assert_int_eq(names(), 0);
	ck_assert_int_eq(begin(&upload, "/a", UPLOAD_RESUMABLE, 0), 0);
	upload_abandon(&upload);
	ck_assert_int_eq(names(), 0);
	ck_assert_int_eq(begin(&upload, "/a", UPLOAD_RESUMABLE, 0), 0);
	put(&upload, "bytes");
	upload_abandon(&upload);
	ck_assert_int_eq(names(), 1);
	ck_assert(!scratch_exists(below("a")));
	ck_assert(scratch_exists(below(".a.partial")));
}
END_TEST

START_TEST(old_file_stays_until_the_new_one_is_whole)
{
	int reader;
	char content[10] = "";

	open_store();
	scratch_write_text(below("a"), "old");
	reader = open(below("a"), O_RDONLY);
	ck_assert_int_eq(begin(&upload, "/a", UPLOAD_RESUMABLE, 0), 0);
	put(&upload, "new one");
	scratch_expect(below("a"), "old");
	upload_abandon(&upload);
	scratch_expect(below("a"), "old");
	ck_assert_int_eq(begin(&upload, "/a", UPLOAD_RESUMABLE, 7), 0);
	ck_assert_int_eq(upload_commit(&upload, SYNC_NONE, NULL), 0);
	scratch_expect(below("a"), "new one");
	/* Who reads the old one goes on reading it. */
	ck_assert_int_eq(read(reader, content, sizeof(content)), 3);
	ck_assert_str_eq(content, "old");
	close(reader);
}
END_TEST

START_TEST(replaced_file_hands_its_mode_on)
{
	struct stat status;

	open_store();
	scratch_write_text(below("a"), "old");
	chmod(below("a"), 0640);
	for (int kind = UPLOAD_RESUMABLE; kind <= UPLOAD_FTP; kind++) {
		ck_assert_int_eq(begin(&upload, "/a", (enum upload_kind)kind, 0), 0);
		put(&upload, "new");
		ck_assert_int_eq(upload_commit(&upload, SYNC_NONE, NULL), 0);
		ck_assert_int_eq(stat(below("a"), &status), 0);
		ck_assert_uint_eq(status.st_mode & 07777, 0640);
	}
	ck_assert_int_eq(begin(&upload, "/fresh", UPLOAD_SINGLE, 0), 0);
	ck_assert_int_eq(upload_commit(&upload, SYNC_NONE, NULL), 0);
	ck_assert_int_eq(stat(below("fresh"), &status), 0);
	ck_assert_uint_eq(status.st_mode & 07777, 0644);
}
END_TEST

START_TEST(what_is_no_file_is_not_replaced)
{
	open_store();
	mkdir(below("dir"), 0755);
	mkfifo(below("fifo"), 0666);
	for (int kind = UPLOAD_RESUMABLE; kind <= UPLOAD_FTP; kind++) {
		ck_assert_int_eq(begin(&upload, "/dir", (enum upload_kind)kind, 0), -EISDIR);
		ck_assert_int_eq(begin(&upload, "/", (enum upload_kind)kind, 0), -EISDIR);
		ck_assert_int_eq(begin(&upload, "/fifo", (enum upload_kind)kind, 0), -EEXIST);
		ck_assert_int_eq(begin(&upload, "/no/a", (enum upload_kind)kind, 0), -ENOENT);
		ck_assert_int_eq(begin(&upload, "/.a.partial", (enum upload_kind)kind, 0), -EINVAL);
	}
	ck_assert_int_eq(names(), 2);
}
END_TEST

START_TEST(directory_that_came_meanwhile_is_not_replaced)
{
	open_store();
	ck_assert_int_eq(begin(&upload, "/a", UPLOAD_RESUMABLE, 0), 0);
	put(&upload, "kept");
	mkdir(below("a"), 0755);
	ck_assert_int_eq(upload_commit(&upload, SYNC_NONE, NULL), -EISDIR);
	/* As abandoned: the bytes are not lost. */
	ck_assert_int_eq(rmdir(below("a")), 0);
	ck_assert_int_eq(begin(&upload, "/a", UPLOAD_RESUMABLE, 4), 0);
	ck_assert_int_eq(upload.size, 4);
	ck_assert_int_eq(upload_commit(&upload, SYNC_NONE, NULL), 0);
	scratch_expect(below("a"), "kept");
}
END_TEST

START_TEST(largest_is_kept_to)
{
	struct quota quota = {.largest = 5};

	open_store();
	store.quota = &quota;
	ck_assert_int_eq(begin(&upload, "/a", UPLOAD_RESUMABLE, 0), 0);
	ck_assert_int_eq(upload_fits(&upload, 5), 0);
	ck_assert_int_eq(upload_fits(&upload, 6), -EFBIG);
	put(&upload, "abc");
	ck_assert_int_eq(upload_fits(&upload, 2), 0);
	ck_assert_int_eq(upload_fits(&upload, 3), -EFBIG);
	ck_assert_int_eq(upload_write(&upload, "def", 3), -EFBIG);
	ck_assert_int_eq(upload.size, 3);
	put(&upload, "de");
	ck_assert_int_eq(upload_write(&upload, "f", 1), -EFBIG);
	ck_assert_int_eq(upload_commit(&upload, SYNC_NONE, NULL), 0);
	scratch_expect(below("a"), "abcde");
}
END_TEST

START_TEST(what_cannot_fit_on_the_disk_is_told_before)
{
	open_store();
	ck_assert_int_eq(begin(&upload, "/a", UPLOAD_SINGLE, 0), 0);
	ck_assert_int_eq(upload_fits(&upload, 0), 0);
	ck_assert_int_eq(upload_fits(&upload, 1), 0);
	ck_assert_int_eq(upload_fits(&upload, INT64_MAX), -ENOSPC);
	upload_abandon(&upload);
}
END_TEST

/* A partial's name that is a link to a file outside is not written through. */
START_TEST(partial_that_is_a_trap_is_not_followed)
{
	open_store();
	scratch_write_text("secret", "secret");
	ck_assert_int_eq(symlink("../secret", below(".a.partial")), 0);
	ck_assert_int_lt(begin(&upload, "/a", UPLOAD_RESUMABLE, 0), 0);
	scratch_expect("secret", "secret");
}
END_TEST

/* The target is a link: the file takes its place, what it points to stays. */
START_TEST(link_is_replaced_not_followed)
{
	open_store();
	scratch_write_text("secret", "secret");
	ck_assert_int_eq(symlink("../secret", below("a")), 0);
	ck_assert_int_eq(begin(&upload, "/a", UPLOAD_SINGLE, 0), 0);
	put(&upload, "new");
	ck_assert_int_eq(upload_commit(&upload, SYNC_NONE, NULL), 0);
	scratch_expect(below("a"), "new");
	scratch_expect("secret", "secret");
}
END_TEST

START_TEST(failed_opening_leaves_nothing_behind)
{
	struct upload second;
	int free_one;

	open_store();
	mkdir(below("dir"), 0755);
	ck_assert_int_eq(begin(&second, "/b", UPLOAD_RESUMABLE, 0), 0);
	free_one = lowest_free_descriptor();
	ck_assert_int_eq(begin(&upload, "/dir", UPLOAD_SINGLE, 0), -EISDIR);
	ck_assert_int_eq(begin(&upload, "/b", UPLOAD_RESUMABLE, 0), -EBUSY);
	ck_assert_int_eq(lowest_free_descriptor(), free_one);
	upload_abandon(&second);
	ck_assert_int_eq(names(), 1);
}
END_TEST

static void leave_behind(const char *partial)
{
	ck_assert_int_eq(close(open(below(partial), O_WRONLY | O_CREAT, 0600)), 0);
	ck_assert_int_eq(truncate(below(partial), 4), 0);
}

/* Nobody can resume it, or see it: it would lie there for ever. */
START_TEST(what_a_killed_private_writer_left_does_not_stay)
{
	struct vpath path;
	struct upload second;
	char left[PARTIAL_NAME];

	open_store();
	partial_name_make_private(left, "a", 1);
	ck_assert_str_eq(left, "..a.1.partial.partial");
	leave_behind(left);
	ck_assert_int_eq(begin(&upload, "/a", UPLOAD_SINGLE, 0), 0);
	ck_assert_int_eq(begin(&second, "/a", UPLOAD_SINGLE, 0), 0);
	ck_assert_str_eq(second.partial, left);
	put(&second, "two");
	ck_assert_int_eq(upload_commit(&second, SYNC_NONE, NULL), 0);
	scratch_expect(below("a"), "two");
	upload_abandon(&upload);
	leave_behind(left);
	ck_assert_int_eq(vpath_resolve(&path, NULL, "a", 1), 0);
	ck_assert_int_eq(store_remove_file(&store, &path), 0);
	ck_assert_int_eq(names(), 0);
	leave_behind(left);
	leave_behind(".a.partial");
	ck_assert_int_eq(begin(&upload, "/a", UPLOAD_RESUMABLE, 4), 0);
	ck_assert_int_eq(names(), 1);
	upload_abandon(&upload);
}
END_TEST

START_TEST(longest_name_can_be_put)
{
	char name[VPATH_NAME_LONGEST + 2];
	struct upload second;

	open_store();
	memset(name, 'x', sizeof(name));
	name[0] = '/';
	name[VPATH_NAME_LONGEST + 1] = '\0';
	ck_assert_int_eq(begin(&upload, name, UPLOAD_RESUMABLE, 0), 0);
	ck_assert_int_eq(begin(&second, name, UPLOAD_SINGLE, 0), 0);
	put(&upload, "one");
	put(&second, "two");
	ck_assert_int_eq(upload_commit(&upload, SYNC_NONE, NULL), 0);
	ck_assert_int_eq(upload_commit(&second, SYNC_NONE, NULL), 0);
	scratch_expect(below(name), "two");
	ck_assert_int_eq(names(), 1);
}
END_TEST

SUITE(upload, file_appears_whole_or_not_at_all, every_kind_commits_with_every_sync,
	empty_file_is_a_file, goes_on_from_what_was_kept, sum_is_of_all_attempts,
	second_resumable_writer_is_told_busy, single_ones_run_side_by_side_and_the_last_wins,
	abandoned_resumable_stays_hidden_and_single_is_gone,
	old_file_stays_until_the_new_one_is_whole, replaced_file_hands_its_mode_on,
	what_is_no_file_is_not_replaced, directory_that_came_meanwhile_is_not_replaced,
	largest_is_kept_to, what_cannot_fit_on_the_disk_is_told_before,
	partial_that_is_a_trap_is_not_followed, link_is_replaced_not_followed,
	failed_opening_leaves_nothing_behind, what_a_killed_private_writer_left_does_not_stay,
	longest_name_can_be_put)
