#include "common/buckets.h"

#include "tests/unit/suite.h"

#include <fcntl.h>
#include <sys/wait.h>

enum { SECOND = 1000000000 };

static const int64_t now = INT64_C(5000) * SECOND;

START_TEST(an_account_has_its_own_and_keeps_it)
{
	struct buckets *buckets = buckets_new();
	uint64_t anna = buckets_number("anna"), bert = buckets_number("bert");
	struct bucket *first = buckets_account(buckets, anna, BANDWIDTH_DOWNLOAD, now);

	(void)bucket_draw(first, 1000, 1000, now);
	ck_assert_ptr_eq(buckets_account(buckets, anna, BANDWIDTH_DOWNLOAD, now), first);
	ck_assert_ptr_ne(buckets_account(buckets, anna, BANDWIDTH_UPLOAD, now), first);
	ck_assert_ptr_ne(buckets_account(buckets, bert, BANDWIDTH_DOWNLOAD, now), first);
	ck_assert_ptr_ne(buckets_all(buckets, BANDWIDTH_DOWNLOAD), first);
	ck_assert_uint_ne(buckets_number(""), 0);
	buckets_free(buckets);
}
END_TEST

/* Numbers that all begin to look at one row. */
START_TEST(rows_that_rest_are_given_on)
{
	enum { ROWS = 16384 };
	struct buckets *buckets = buckets_new();
	struct bucket *taken[9];

	for (uint64_t i = 0; i < 9; i++) {
		taken[i] = buckets_account(buckets, 7 + i * ROWS, BANDWIDTH_UPLOAD, now);
		(void)bucket_draw(taken[i], 1000, 1000, now);
		for (uint64_t j = 0; j < i && i < 8; j++)
			ck_assert_ptr_ne(taken[i], taken[j]);
	}
	ck_assert_ptr_eq(taken[8], taken[0]); /* all are busy */
	ck_assert_ptr_eq(
		buckets_account(buckets, 7 + 20 * ROWS, BANDWIDTH_UPLOAD, now + 10LL * SECOND),
		taken[0]);
	ck_assert_ptr_eq(
		buckets_account(buckets, 7 + 3 * ROWS, BANDWIDTH_UPLOAD, now + 10LL * SECOND),
		taken[3]);
	buckets_free(buckets);
}
END_TEST

START_TEST(processes_share_them)
{
	struct buckets *buckets = buckets_new(), *same;
	int status;
	pid_t child = fork();

	if (child == 0) {
		(void)bucket_draw(
			buckets_account(buckets, 5, BANDWIDTH_UPLOAD, now), 100, 100, now);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_gt(
		bucket_draw(buckets_account(buckets, 5, BANDWIDTH_UPLOAD, now), 100, 1, now), now);
	same = buckets_adopt(dup(buckets_descriptor(buckets)));
	ck_assert_int_gt(
		bucket_draw(buckets_account(same, 5, BANDWIDTH_UPLOAD, now), 100, 1, now), now);
	buckets_free(same);
	buckets_free(buckets);
}
END_TEST

START_TEST(other_memory_is_not_adopted)
{
	ck_assert_ptr_null(buckets_adopt(open("/dev/null", O_RDWR)));
	ck_assert_ptr_null(buckets_adopt(-1));
}
END_TEST

SUITE(buckets, an_account_has_its_own_and_keeps_it, rows_that_rest_are_given_on,
	processes_share_them, other_memory_is_not_adopted)
