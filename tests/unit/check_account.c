#include "worker/account.h"

#include "tests/unit/scratch.h"
#include "tests/unit/suite.h"

#include <fcntl.h>
#include <pthread.h>

enum { MANY = 200 };

static struct account_roots *roots;

static int open_root(const char *path)
{
	int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	ck_assert_int_ge(root, 0);
	return root;
}

static int count_descriptors(void)
{
	int count = 0;

	for (int i = 0; i < 1000; i++)
		count += fcntl(i, F_GETFD) >= 0;
	return count;
}

START_TEST(one_root_is_open_once)
{
	struct account *accounts[MANY];
	int before;

	roots = account_roots_new();
	before = count_descriptors();
	for (int i = 0; i < MANY; i++) {
		accounts[i] = account_take(
			roots, i % 2 ? "anna" : "bert", open_root("."), (uint32_t)i % 4, NULL);
		ck_assert_str_eq(accounts[i]->name, i % 2 ? "anna" : "bert");
		ck_assert_uint_eq(accounts[i]->store.may, i % 4);
		ck_assert_int_eq(accounts[i]->store.root, accounts[0]->store.root);
	}
	ck_assert_int_eq(count_descriptors(), before + 1);
	for (int i = 0; i < MANY; i++) {
		ck_assert_uint_eq(account_roots_count(roots), 1);
		account_release(roots, accounts[i]);
	}
	ck_assert_uint_eq(account_roots_count(roots), 0);
	ck_assert_int_eq(count_descriptors(), before);
	account_release(roots, NULL);
}
END_TEST

START_TEST(other_roots_are_others)
{
	struct account *one, *other;
	char path[PATH_MAX];

	roots = account_roots_new();
	one = account_take(roots, "anna", open_root("."), 0, NULL);
	other = account_take(roots, "anna", open_root(scratch_folder(path, "below")), 0, NULL);
	ck_assert_int_ne(one->store.root, other->store.root);
	ck_assert_uint_eq(account_roots_count(roots), 2);
	account_release(roots, one);
	ck_assert_int_ge(openat(other->store.root, ".", O_RDONLY), 0);
	account_release(roots, other);
}
END_TEST

START_TEST(a_root_that_is_none_is_refused)
{
	int before;

	roots = account_roots_new();
	before = count_descriptors();
	ck_assert_ptr_null(account_take(roots, "anna", 999, 0, NULL));
	ck_assert_int_eq(count_descriptors(), before);
}
END_TEST

static void *come_and_go(void *path)
{
	for (int i = 0; i < 500; i++) {
		struct account *account = account_take(roots, "anna", open_root(path), 0, NULL);
		int listed = openat(account->store.root, ".", O_RDONLY);

		ck_assert_int_ge(listed, 0);
		close(listed);
		account_release(roots, account);
	}
	return NULL;
}

START_TEST(threads_come_and_go)
{
	pthread_t threads[4];
	char path[PATH_MAX], below[PATH_MAX] = ".";

	roots = account_roots_new();
	scratch_folder(path, "below");
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(
			pthread_create(&threads[i], NULL, come_and_go, i % 2 ? path : below), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	ck_assert_uint_eq(account_roots_count(roots), 0);
}
END_TEST

SUITE(account, one_root_is_open_once, other_roots_are_others, a_root_that_is_none_is_refused,
	threads_come_and_go)
