#include "common/tally.h"

#include "tests/unit/suite.h"

#include <string.h>

static struct board board;

static void set_up(void)
{
	ck_assert_int_eq(board_open(&board, 1, 1), 0);
}

START_TEST(a_latency_falls_into_the_first_bucket_it_fits)
{
	static const struct {
		int64_t us;
		int bucket;
	} cases[] = {{-5, 0}, {0, 0}, {100, 0}, {101, 1}, {1000, 3}, {30000000, 14}, {30000001, 15},
		{INT64_MAX, 15}};
	struct board_listener *row;

	set_up();
	row = board_listener(&board.workers[0], 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tally before = {0}, after = {0};

		tally_add(&before, row);
		board_latency_note(row, LATENCY_COMMAND, cases[i].us);
		tally_add(&after, row);
		for (int b = 0; b < BOARD_BUCKETS; b++)
			ck_assert_uint_eq(after.latencies[LATENCY_COMMAND].buckets[b] -
						  before.latencies[LATENCY_COMMAND].buckets[b],
				b == cases[i].bucket);
		ck_assert_uint_eq(after.latencies[LATENCY_LOGIN].buckets[0], 0);
	}
	board_close(&board);
}
END_TEST

START_TEST(the_bounds_ascend)
{
	for (int b = 1; b < BOARD_BUCKETS; b++)
		ck_assert_int_gt(board_bucket_us[b], board_bucket_us[b - 1]);
	ck_assert_int_eq(board_bucket_us[BOARD_BUCKETS - 1], INT64_MAX);
}
END_TEST

START_TEST(workers_add_up_listener_by_listener)
{
	struct tally tallies[BOARD_LISTENERS] = {0};
	uint64_t sums[BOARD_COUNTERS] = {0};
	struct board_worker *worker;

	set_up();
	worker = &board.workers[0];
	worker->counters[COUNT_requests] = 1;
	board_listener(worker, 0)->counters[COUNT_requests] = 20;
	board_listener(worker, 1)->counters[COUNT_requests] = 300;
	board_latency_note(board_listener(worker, 1), LATENCY_TRANSFER, 7000);
	tally_add_worker(tallies, worker);
	tally_add_worker(tallies, worker);
	ck_assert_uint_eq(tallies[0].counters[COUNT_requests], 40);
	ck_assert_uint_eq(tallies[1].counters[COUNT_requests], 600);
	ck_assert_uint_eq(tallies[1].latencies[LATENCY_TRANSFER].sum_us, 14000);
	board_add_counters(worker, sums);
	ck_assert_uint_eq(sums[COUNT_requests], 321);
	board_close(&board);
}
END_TEST

/* More listeners than rows: what cannot be told apart is told together. */
START_TEST(the_last_row_is_for_all_the_rest)
{
	set_up();
	ck_assert_ptr_eq(board_listener(&board.workers[0], BOARD_LISTENERS + 7),
		board_listener(&board.workers[0], BOARD_LISTENERS - 1));
	ck_assert_ptr_eq(board_listener(&board.workers[0], UINT32_MAX),
		board_listener(&board.workers[0], BOARD_LISTENERS - 1));
	board_close(&board);
}
END_TEST

SUITE(tally, a_latency_falls_into_the_first_bucket_it_fits, the_bounds_ascend,
	workers_add_up_listener_by_listener, the_last_row_is_for_all_the_rest)
