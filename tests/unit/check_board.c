#include "common/board.h"

#include "tests/unit/suite.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

enum { WORKERS = 3, SESSIONS = 5 };

static struct board opened_board(void)
{
	struct board board;

	ck_assert_int_eq(board_open(&board, WORKERS, SESSIONS), 0);
	return board;
}

/* Every field says the same number, so that a torn copy shows. */
static struct board_activity activity_of(unsigned int number)
{
	struct board_activity activity = {.listener = number,
		.opened_unix = number,
		.command_since_ms = number,
		.bytes_total = number};

	activity.peer.family = AF_INET;
	activity.peer.port = (uint16_t)number;
	snprintf(activity.user, sizeof(activity.user), "%u", number);
	snprintf(activity.command, sizeof(activity.command), "%u", number);
	memset(activity.path, 'a' + (int)(number % 26), sizeof(activity.path) - 1);
	return activity;
}

static void expect_whole(const struct board_activity *activity)
{
	struct board_activity same = activity_of(activity->listener);

	ck_assert_mem_eq(activity, &same, sizeof(same));
}

START_TEST(counters_have_names)
{
	for (int i = 0; i < BOARD_COUNTERS; i++) {
		ck_assert_ptr_nonnull(board_counter_names[i]);
		ck_assert_uint_gt(strlen(board_counter_names[i]), 0);
		for (int j = 0; j < i; j++)
			ck_assert_str_ne(board_counter_names[i], board_counter_names[j]);
	}
	ck_assert_str_eq(board_counter_names[COUNT_requests], "requests");
}
END_TEST

START_TEST(size_is_sealed)
{
	struct board board = opened_board();

	ck_assert_int_lt(ftruncate(board.memory, 0), 0);
	ck_assert_int_lt(ftruncate(board.memory, (off_t)board.size * 2), 0);
	ck_assert_int_lt(fcntl(board.memory, F_ADD_SEALS, F_SEAL_WRITE), 0);
	ck_assert(fcntl(board.memory, F_GETFD) & FD_CLOEXEC);
	board_close(&board);
}
END_TEST

START_TEST(close_is_idempotent)
{
	struct board board = opened_board();

	board_close(&board);
	board_close(&board);
}
END_TEST

START_TEST(starts_empty)
{
	struct board board = opened_board();
	struct board_activity activity;
	uint64_t bytes;

	for (uint32_t slot = 0; slot < WORKERS; slot++) {
		ck_assert_int_eq(board.workers[slot].heartbeat_ms, 0);
		for (uint32_t i = 0; i < SESSIONS; i++)
			ck_assert(!board_session_read(
				board_session(&board, slot, i), &activity, &bytes));
	}
	board_close(&board);
}
END_TEST

START_TEST(rows_do_not_overlap)
{
	struct board board = opened_board();
	struct board_activity activity, read;
	uint64_t bytes;

	for (uint32_t i = 0; i < WORKERS * SESSIONS; i++) {
		activity = activity_of(i + 1);
		board_session_open(board_session(&board, i / SESSIONS, i % SESSIONS), &activity);
	}
	for (uint32_t i = 0; i < WORKERS * SESSIONS; i++) {
		ck_assert(board_session_read(
			board_session(&board, i / SESSIONS, i % SESSIONS), &read, &bytes));
		ck_assert_uint_eq(read.listener, i + 1);
		expect_whole(&read);
	}
	ck_assert((void *)board.sessions >= (void *)(board.workers + WORKERS));
	board_close(&board);
}
END_TEST

START_TEST(what_is_written_is_read)
{
	struct board board = opened_board();
	struct board_session *row = board_session(&board, 1, 2);
	struct board_activity activity = activity_of(7), read;
	uint64_t bytes = 1;

	atomic_store(&row->bytes_done, 99);
	board_session_open(row, &activity);
	ck_assert(board_session_read(row, &read, &bytes));
	expect_whole(&read);
	ck_assert_uint_eq(bytes, 0);
	activity = activity_of(8);
	board_session_write(row, &activity);
	atomic_store(&row->bytes_done, 4711);
	ck_assert(board_session_read(row, &read, &bytes));
	ck_assert_uint_eq(read.listener, 8);
	ck_assert_uint_eq(bytes, 4711);
	board_session_close(row);
	ck_assert(!board_session_read(row, &read, &bytes));
	board_close(&board);
}
END_TEST

/* A process of its own writes, as a worker does. */
START_TEST(other_process_is_seen)
{
	struct board board = opened_board();
	struct board_activity activity = activity_of(3), read;
	uint64_t bytes;
	pid_t child = fork();
	int status;

	if (child == 0) {
		board_session_open(board_session(&board, 2, 4), &activity);
		atomic_store(&board.workers[2].heartbeat_ms, 12345);
		_exit(0);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert(board_session_read(board_session(&board, 2, 4), &read, &bytes));
	expect_whole(&read);
	ck_assert_int_eq(board.workers[2].heartbeat_ms, 12345);
	board_close(&board);
}
END_TEST

static _Atomic bool done;

static void *write_for_ever(void *row)
{
	for (unsigned int i = 0; !atomic_load(&done); i++) {
		struct board_activity activity = activity_of(i % 1000);

		board_session_write(row, &activity);
	}
	return NULL;
}

START_TEST(reader_never_sees_half_a_row)
{
	struct board board = opened_board();
	struct board_session *row = board_session(&board, 0, 0);
	struct board_activity activity = activity_of(0);
	unsigned int seen = 0;
	pthread_t writer;
	uint64_t bytes;

	board_session_open(row, &activity);
	ck_assert_int_eq(pthread_create(&writer, NULL, write_for_ever, row), 0);
	while (seen < 5000) {
		if (board_session_read(row, &activity, &bytes)) {
			expect_whole(&activity);
			seen++;
		}
	}
	atomic_store(&done, true);
	pthread_join(writer, NULL);
	board_close(&board);
}
END_TEST

START_TEST(row_written_for_ever_is_passed_over)
{
	struct board board = opened_board();
	struct board_session *row = board_session(&board, 0, 1);
	struct board_activity activity = activity_of(1);
	uint64_t bytes;

	board_session_open(row, &activity);
	atomic_store(&row->turn, atomic_load(&row->turn) | 1);
	ck_assert(!board_session_read(row, &activity, &bytes));
	/* Its owner makes it right with his next write. */
	board_session_write(row, &activity);
	ck_assert(board_session_read(row, &activity, &bytes));
	board_close(&board);
}
END_TEST

START_TEST(hostile_row_has_texts_that_end)
{
	struct board board = opened_board();
	struct board_session *row = board_session(&board, 0, 0);
	struct board_activity activity;
	uint64_t bytes;

	memset(row, 0xff, sizeof(*row));
	atomic_store(&row->turn, 0);
	ck_assert(board_session_read(row, &activity, &bytes));
	ck_assert_ptr_nonnull(memchr(activity.command, '\0', sizeof(activity.command)));
	ck_assert_ptr_nonnull(memchr(activity.user, '\0', sizeof(activity.user)));
	ck_assert_ptr_nonnull(memchr(activity.path, '\0', sizeof(activity.path)));
	ck_assert_uint_eq(bytes, UINT64_MAX);
	for (int round = 0; round < 1000; round++) {
		for (size_t i = 0; i < sizeof(*row); i++)
			((unsigned char *)row)[i] = (unsigned char)random();
		if (!board_session_read(row, &activity, &bytes))
			continue;
		ck_assert_ptr_nonnull(memchr(activity.command, '\0', sizeof(activity.command)));
		ck_assert_ptr_nonnull(memchr(activity.path, '\0', sizeof(activity.path)));
	}
	board_close(&board);
}
END_TEST

START_TEST(wipe_empties_one_slot)
{
	struct board board = opened_board();
	struct board_activity activity = activity_of(1);
	uint64_t bytes;

	for (uint32_t slot = 0; slot < WORKERS; slot++) {
		struct board_worker *worker = &board.workers[slot];

		atomic_store(&worker->sessions, SESSIONS);
		atomic_store(&worker->heartbeat_ms, 1);
		atomic_store(&worker->rows_used, SESSIONS);
		atomic_store(&worker->numbered, 7);
		atomic_store(&worker->counters[BOARD_COUNTERS - 1], 5);
		atomic_store(&worker->addresses[BOARD_ADDRESS_BUCKETS - 1], 5);
		for (uint32_t i = 0; i < SESSIONS; i++)
			board_session_open(board_session(&board, slot, i), &activity);
	}
	board_wipe_worker(&board, 1);
	for (uint32_t slot = 0; slot < WORKERS; slot++) {
		struct board_worker *worker = &board.workers[slot];
		bool there = slot != 1;

		ck_assert_uint_eq(worker->sessions, there ? SESSIONS : 0);
		ck_assert_int_eq(worker->heartbeat_ms, there);
		ck_assert_uint_eq(worker->numbered, 7);
		ck_assert_uint_eq(worker->counters[BOARD_COUNTERS - 1], there ? 5 : 0);
		ck_assert_uint_eq(worker->addresses[BOARD_ADDRESS_BUCKETS - 1], there ? 5 : 0);
		for (uint32_t i = 0; i < SESSIONS; i++)
			ck_assert(board_session_read(board_session(&board, slot, i), &activity,
					  &bytes) == there);
	}
	board_close(&board);
}
END_TEST

/* A worker that died in the middle of a write left an odd turn behind. */
START_TEST(next_worker_can_use_a_wiped_row)
{
	struct board board = opened_board();
	struct board_session *row = board_session(&board, 0, 0);
	struct board_activity activity = activity_of(5);
	uint64_t bytes;

	board_session_open(row, &activity);
	atomic_store(&board.workers[0].rows_used, 1);
	atomic_store(&row->turn, 12345);
	board_wipe_worker(&board, 0);
	ck_assert(!board_session_read(row, &activity, &bytes));
	activity = activity_of(6);
	board_session_open(row, &activity);
	ck_assert(board_session_read(row, &activity, &bytes));
	expect_whole(&activity);
	board_close(&board);
}
END_TEST

START_TEST(rows_used_are_never_more_than_there_are)
{
	struct board board = opened_board();

	ck_assert_uint_eq(board_rows_used(&board, 2), 0);
	atomic_store(&board.workers[2].rows_used, 3);
	ck_assert_uint_eq(board_rows_used(&board, 2), 3);
	atomic_store(&board.workers[2].rows_used, UINT32_MAX);
	ck_assert_uint_eq(board_rows_used(&board, 2), SESSIONS);
	/* Wiping goes by it. */
	board_wipe_worker(&board, 2);
	ck_assert_uint_eq(board_rows_used(&board, 2), 0);
	board_close(&board);
}
END_TEST

START_TEST(names_have_addresses_of_their_own)
{
	struct board board = opened_board();
	struct address address = {.family = AF_INET}, read;

	for (size_t i = 0; i < BOARD_NAMES; i++)
		ck_assert_int_eq(board_name_read(&board, i, &read), -EADDRNOTAVAIL);
	for (size_t i = 0; i < BOARD_NAMES; i++) {
		memcpy(address.host, (uint8_t[]){192, 0, 2, (uint8_t)i}, 4);
		board_name_write(&board, i, &address);
	}
	for (size_t i = 0; i < BOARD_NAMES; i++) {
		ck_assert_int_eq(board_name_read(&board, i, &read), 0);
		memcpy(address.host, (uint8_t[]){192, 0, 2, (uint8_t)i}, 4);
		ck_assert(address_equal(&read, &address));
	}
	/* They are in nobody's rows, and outlive every worker. */
	for (uint32_t slot = 0; slot < WORKERS; slot++) {
		atomic_store(&board.workers[slot].rows_used, SESSIONS);
		board_wipe_worker(&board, slot);
	}
	ck_assert_int_eq(board_name_read(&board, 0, &read), 0);
	board_close(&board);
}
END_TEST

START_TEST(untouched_rows_cost_no_memory)
{
	struct board board;
	struct stat status;

	ck_assert_int_eq(board_open(&board, 64, 1000000), 0);
	for (uint32_t slot = 0; slot < 64; slot++)
		atomic_store(&board.workers[slot].heartbeat_ms, 1);
	for (uint32_t slot = 0; slot < 64; slot++)
		board_wipe_worker(&board, slot);
	ck_assert_int_eq(fstat(board.memory, &status), 0);
	ck_assert_int_gt(status.st_size, 1l << 33);
	ck_assert_int_lt(status.st_blocks * 512, 4l << 20);
	board_close(&board);
}
END_TEST

START_TEST(another_program_adopts_it)
{
	struct board first, second;

	ck_assert_int_eq(board_open(&first, 3, 10), 0);
	atomic_store(&first.workers[2].sessions, 7);
	board_use_slots(&first, 3);
	ck_assert_int_eq(board_adopt(&second, dup(first.memory), 3, 10), 0);
	ck_assert_uint_eq(second.workers[2].sessions, 7);
	ck_assert_uint_eq(board_slots_used(&second), 3);
	board_close(&second);
	ck_assert_int_eq(board_adopt(&second, first.memory, 3, 11), -EPROTO);
	ck_assert_uint_eq(board_layout(), board_layout());
	board_close(&first);
}
END_TEST

START_TEST(who_adopts_it_apart_is_not_seen)
{
	struct board first, second;

	ck_assert_int_eq(board_open(&first, 3, 10), 0);
	atomic_store(&first.workers[2].sessions, 7);
	ck_assert_int_eq(board_adopt_apart(&second, dup(first.memory), 3, 10), 0);
	ck_assert_uint_eq(second.workers[2].sessions, 7);
	board_use_slots(&second, 1);
	board_wipe_worker(&second, 2);
	ck_assert_uint_eq(second.workers[2].sessions, 0);
	ck_assert_uint_eq(first.workers[2].sessions, 7);
	ck_assert_uint_eq(board_slots_used(&first), 3);
	board_close(&second);
	board_close(&first);
}
END_TEST

SUITE(board, another_program_adopts_it, who_adopts_it_apart_is_not_seen, counters_have_names,
	size_is_sealed, close_is_idempotent, starts_empty, rows_do_not_overlap,
	what_is_written_is_read, other_process_is_seen, reader_never_sees_half_a_row,
	row_written_for_ever_is_passed_over, hostile_row_has_texts_that_end, wipe_empties_one_slot,
	next_worker_can_use_a_wiped_row, rows_used_are_never_more_than_there_are,
	names_have_addresses_of_their_own, untouched_rows_cost_no_memory)
