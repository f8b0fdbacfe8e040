#include "common/bucket.h"

#include "tests/unit/suite.h"

#include <pthread.h>

enum { MS = 1000000, SECOND = 1000 * MS };

static const int64_t start = INT64_C(1000) * SECOND;

START_TEST(a_burst_goes_at_once_and_then_the_rate_holds)
{
	struct bucket bucket = {0};
	int64_t now = start, turn;
	uint64_t moved = 0;

	/* Steps of 25 ms at 1000 bytes a second; who waits for his turn each time moves
	 * that in 10 s, and the burst. */
	while (now < start + INT64_C(10) * SECOND) {
		turn = bucket_draw(&bucket, 1000, 25, now);
		if (turn > now)
			now = turn;
		if (now < start + INT64_C(10) * SECOND)
			moved += 25;
	}
	ck_assert_uint_ge(moved, 10000);
	ck_assert_uint_le(moved, 10000 + 100 + 25);
}
END_TEST

START_TEST(a_late_one_catches_up_a_burst_and_no_more)
{
	struct bucket bucket = {0};

	while (bucket_draw(&bucket, 1000, 10, start) <= start)
		;
	/* An hour later there is the burst of a rest again. */
	for (int i = 0; i < 11; i++)
		ck_assert_int_le(bucket_draw(&bucket, 1000, 10, start + INT64_C(3600) * SECOND),
			start + INT64_C(3600) * SECOND);
	ck_assert_int_gt(bucket_draw(&bucket, 1000, 10, start + INT64_C(3600) * SECOND),
		start + INT64_C(3600) * SECOND);
}
END_TEST

START_TEST(who_comes_later_has_his_turn_behind)
{
	struct bucket bucket = {0};
	int64_t first = bucket_draw(&bucket, 100, 50, start);
	int64_t second = bucket_draw(&bucket, 100, 10, start);
	int64_t third = bucket_draw(&bucket, 100, 10, start);

	ck_assert_int_le(first, start);
	ck_assert_int_eq(second - first, SECOND / 2);
	ck_assert_int_eq(third - second, SECOND / 10);
}
END_TEST

START_TEST(what_did_not_move_is_given_back)
{
	struct bucket bucket = {0}, other = {0};

	(void)bucket_draw(&bucket, 100, 50, start);
	(void)bucket_draw(&bucket, 100, 30, start);
	bucket_return(&bucket, 100, 30);
	(void)bucket_draw(&other, 100, 50, start);
	ck_assert_int_eq(bucket_draw(&bucket, 100, 1, start), bucket_draw(&other, 100, 1, start));
}
END_TEST

START_TEST(nonsense_holds_nobody_up_for_ever)
{
	struct bucket bucket = {INT64_MAX};

	ck_assert_int_eq(bucket_draw(&bucket, 100, 1, start), start + INT64_C(60) * SECOND);
	atomic_store(&bucket.due_ns, INT64_MIN);
	ck_assert_int_le(bucket_draw(&bucket, UINT64_MAX >> 1, 1 << 30, start), start);
}
END_TEST

enum { THREADS = 4, DRAWS = 20000 };

static void *draw(void *bucket)
{
	for (int i = 0; i < DRAWS; i++)
		(void)bucket_draw(bucket, 1000000, 1, start);
	return NULL;
}

START_TEST(no_draw_is_lost_between_threads)
{
	struct bucket bucket = {0};
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, draw, &bucket), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_eq(bucket_draw(&bucket, 1000000, 1, start),
		start - (int64_t)BUCKET_BURST_MS * MS + (int64_t)THREADS * DRAWS * 1000);
}
END_TEST

SUITE(bucket, a_burst_goes_at_once_and_then_the_rate_holds,
	a_late_one_catches_up_a_burst_and_no_more, who_comes_later_has_his_turn_behind,
	what_did_not_move_is_given_back, nonsense_holds_nobody_up_for_ever,
	no_draw_is_lost_between_threads)
