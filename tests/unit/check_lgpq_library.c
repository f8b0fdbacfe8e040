#include "worker/lgpq/library.h"

#include "tests/unit/scratch.h"
#include "tests/unit/suite.h"

static struct store store;
static struct library library;
static char root[PATH_MAX];

static void open_store(void)
{
	scratch_folder(root, "root");
	ck_assert_int_eq(store_open(&store, root), 0);
}

static const char *below(const char *name)
{
	return scratch_path(root, name);
}

START_TEST(empty_library)
{
	open_store();
	ck_assert_int_eq(library_read(&library, &store), 0);
	ck_assert_uint_eq(library.count, 0);
	library_free(&library);
	library_free(&library);
}
END_TEST

START_TEST(regular_files_sorted_as_bytes)
{
	static const char *const names[] = {"B", "a", "a b", "a#b", "b.txt", "é", "文"};
	struct stat status;

	open_store();
	for (size_t i = 7; i-- > 0;)
		scratch_write(below(names[i]), "xxxxxxx", i);
	mkdir(below("directory"), 0755);
	mkfifo(below("fifo"), 0666);
	scratch_write_text(below(".hidden"), "x");
	scratch_write_text(below(".a.partial"), "x");
	ck_assert_int_eq(symlink("nowhere", below("dangling")), 0);
	ck_assert_int_eq(library_read(&library, &store), 0);
	ck_assert_uint_eq(library.count, 7);
	for (size_t i = 0; i < 7; i++) {
		ck_assert_str_eq(library.files[i]->name, names[i]);
		ck_assert_int_eq(library.files[i]->size, (int64_t)i);
		ck_assert_int_eq(stat(below(names[i]), &status), 0);
		ck_assert_int_eq(library.files[i]->mtime, status.st_mtim.tv_sec);
	}
	library_free(&library);
}
END_TEST

START_TEST(link_counts_as_its_file)
{
	open_store();
	mkdir(below("dir"), 0755);
	scratch_write_text(below("dir/file"), "12345");
	ck_assert_int_eq(symlink("dir/file", below("link")), 0);
	ck_assert_int_eq(symlink("/etc/passwd", below("outside")), 0);
	ck_assert_int_eq(library_read(&library, &store), 0);
	ck_assert_uint_eq(library.count, 1);
	ck_assert_str_eq(library.files[0]->name, "link");
	ck_assert_int_eq(library.files[0]->size, 5);
	library_free(&library);
}
END_TEST

START_TEST(many_files)
{
	enum { MANY = 1000 };
	char name[20];

	open_store();
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "%04d", i * 7 % MANY);
		scratch_write_text(below(name), "");
	}
	ck_assert_int_eq(library_read(&library, &store), 0);
	ck_assert_uint_eq(library.count, MANY);
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "%04d", i);
		ck_assert_str_eq(library.files[i]->name, name);
	}
	library_free(&library);
}
END_TEST

START_TEST(root_that_is_gone_is_told)
{
	open_store();
	ck_assert_int_eq(rmdir(root), 0);
	/* What is open can still be read as empty, or is not there: no crash, nothing listed. */
	(void)library_read(&library, &store);
	ck_assert_uint_eq(library.count, 0);
	library_free(&library);
	store_close(&store);
	ck_assert_int_eq(library_read(&library, &store), -EBADF);
	library_free(&library);
}
END_TEST

SUITE(lgpq_library, empty_library, regular_files_sorted_as_bytes, link_counts_as_its_file,
	many_files, root_that_is_gone_is_told)
