#include "worker/copy.h"
#include "worker/store_change.h"

#include "tests/unit/store_setup.h"

#include <seccomp.h>
#include <sys/wait.h>

enum { SIZE = 20 * 1024 * 1024 + 12345 }; /* more than two chunks */

static char *bytes;

static void make_bytes(const char *name)
{
	bytes = malloc(SIZE);
	for (size_t i = 0; i + 4 <= SIZE; i += 4)
		memcpy(bytes + i, &(int){(int)random()}, 4);
	memset(bytes + SIZE - 1, 'x', 1);
	scratch_write(below(name), bytes, SIZE);
}

static void expect_bytes(const char *name, int64_t offset, int64_t count)
{
	char *content = malloc(SIZE + 1);

	ck_assert_uint_eq(scratch_read(below(name), content, SIZE + 1), count);
	ck_assert_int_eq(memcmp(content, bytes + offset, (size_t)count), 0);
	free(content);
}

static int copy(const char *from, int64_t offset, const char *to, int64_t count)
{
	_Atomic uint64_t progress = 0;
	int one = open(below(from), O_RDONLY), other = open(below(to), O_WRONLY | O_CREAT, 0644);
	int error = copy_bytes(one, offset, other, count, NULL, NULL, &progress);

	if (error == 0)
		ck_assert_uint_eq(atomic_load(&progress), (uint64_t)count);
	close(one);
	close(other);
	return error;
}

static void claim_bytes_are_copied(void)
{
	static const int64_t counts[] = {0, 1, 4096, 8 * 1024 * 1024, SIZE - 7};

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		unlink(below("to"));
		ck_assert_int_eq(copy("from", 7, "to", counts[i]), 0);
		expect_bytes("to", 7, counts[i]);
	}
	ck_assert_int_eq(copy("from", 0, "to", SIZE + 1), -EIO);
	ck_assert_int_eq(copy("from", SIZE, "to", 1), -EIO);
}

START_TEST(bytes_are_copied)
{
	open_store();
	make_bytes("from");
	claim_bytes_are_copied();
	free(bytes);
}
END_TEST

/* 4 GiB and some, of which a few bytes in the middle are on the disk. */
START_TEST(holes_stay_holes)
{
	static const int64_t middle = (INT64_C(2) << 30) + 5, size = (INT64_C(4) << 30) + 3;
	char found[8] = "";
	struct stat status;
	int file;

	open_store();
	make_file("sparse", "");
	file = open(below("sparse"), O_RDWR);
	ck_assert_int_eq(pwrite(file, "bytes", 5, middle), 5);
	ck_assert_int_eq(ftruncate(file, size), 0);
	close(file);
	ck_assert_int_eq(copy("sparse", 2, "to", size - 2), 0);
	file = open(below("to"), O_RDONLY);
	ck_assert_int_eq(fstat(file, &status), 0);
	ck_assert_int_eq(status.st_size, size - 2);
	ck_assert_int_lt(status.st_blocks, 2048);
	ck_assert_int_eq(pread(file, found, 7, middle - 3), 7);
	ck_assert_mem_eq(found, "\0bytes\0", 7);
	close(file);
	ck_assert_int_eq(copy("sparse", 0, "more", size + 1), -EIO);
}
END_TEST

static void refuse_copy_file_range(int error)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);

	ck_assert_int_eq(seccomp_rule_add(filter, SCMP_ACT_ERRNO((uint32_t)error),
				 SCMP_SYS(copy_file_range), 0),
		0);
	ck_assert_int_eq(seccomp_load(filter), 0);
	seccomp_release(filter);
}

START_TEST(bytes_are_copied_where_the_kernel_cannot)
{
	static const int errors[] = {ENOSYS, EXDEV, EINVAL, EOPNOTSUPP, EPERM};

	open_store();
	make_bytes("from");
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		pid_t child = fork();
		int status;

		if (child == 0) {
			refuse_copy_file_range(errors[i]);
			claim_bytes_are_copied();
			_exit(0);
		}
		ck_assert_int_eq(waitpid(child, &status, 0), child);
		ck_assert_int_eq(status, 0);
	}
	free(bytes);
}
END_TEST

/* ---- whole files ---- */

static int copy_file(const char *from, const char *to)
{
	return store_copy(&store, at(from), at(to), NULL, NULL, NULL, NULL);
}

static int names(void)
{
	DIR *stream = opendir(root);
	int count = 0;

	while (readdir(stream))
		count++;
	closedir(stream);
	return count - 2;
}

START_TEST(files_are_copied)
{
	_Atomic uint64_t progress = 0;
	int free_one;

	open_store();
	free_one = lowest_free_descriptor();
	make_bytes("a");
	make_folder("dir");
	make_file("dir/old", "old");
	chmod(below("dir/old"), 0640);
	make_file("empty", "");
	link_to("empty", "link");
	ck_assert_int_eq(store_copy(&store, at("/a"), at("/b"), NULL, NULL, &progress, NULL), 0);
	ck_assert_uint_eq(atomic_load(&progress), SIZE);
	expect_bytes("b", 0, SIZE);
	ck_assert_int_eq(copy_file("/a", "/dir/old"), 0);
	expect_bytes("dir/old", 0, SIZE);
	ck_assert_uint_eq(mode_of("dir/old"), 0640);
	ck_assert_int_eq(copy_file("/link", "/dir/empty"), 0);
	scratch_expect(below("dir/empty"), "");
	ck_assert_int_eq(copy_file("/a", "/a"), 0);
	expect_bytes("a", 0, SIZE);
	ck_assert_int_eq(lowest_free_descriptor(), free_one);
	free(bytes);
}
END_TEST

START_TEST(what_cannot_be_copied_is_told)
{
	open_store();
	make_file("a", "text");
	make_file(".x.partial", "half");
	make_folder("dir");
	ck_assert_int_eq(copy_file("/none", "/b"), -ENOENT);
	ck_assert_int_eq(copy_file("/.x.partial", "/b"), -ENOENT);
	ck_assert_int_eq(copy_file("/dir", "/b"), -EISDIR);
	ck_assert_int_eq(copy_file("/a", "/dir"), -EISDIR);
	ck_assert_int_eq(copy_file("/a", "/none/b"), -ENOENT);
	ck_assert_int_eq(copy_file("/a", "/.b.partial"), -EINVAL);
	ck_assert_int_eq(names(), 3);
}
END_TEST

static int stop_at(void *context)
{
	int *left = context;

	return (*left)-- > 0 ? 0 : -ECANCELED;
}

START_TEST(stopped_copy_leaves_nothing)
{
	_Atomic uint64_t progress = 0;
	int left = 1, free_one;

	open_store();
	free_one = lowest_free_descriptor();
	make_bytes("a");
	make_file("b", "old");
	ck_assert_int_eq(store_copy(&store, at("/a"), at("/b"), stop_at, &left, &progress, NULL),
		-ECANCELED);
	ck_assert_uint_gt(atomic_load(&progress), 0);
	ck_assert_uint_lt(atomic_load(&progress), SIZE);
	scratch_expect(below("b"), "old");
	ck_assert_int_eq(names(), 2);
	ck_assert_int_eq(lowest_free_descriptor(), free_one);
	free(bytes);
}
END_TEST

/* A file that is one big hole. */
START_TEST(copy_that_cannot_fit_is_refused_before)
{
	open_store();
	make_file("a", "");
	if (truncate(below("a"), (off_t)8 << 40) < 0)
		suite_skip("no file here can be that large");
	ck_assert_int_eq(copy_file("/a", "/b"), -ENOSPC);
	ck_assert_int_eq(names(), 1);
}
END_TEST

SUITE(copy, bytes_are_copied, holes_stay_holes, bytes_are_copied_where_the_kernel_cannot,
	files_are_copied, what_cannot_be_copied_is_told, stopped_copy_leaves_nothing,
	copy_that_cannot_fit_is_refused_before)
