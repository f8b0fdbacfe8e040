#include "worker/limits.h"

#include "common/clock.h"
#include "tests/unit/suite.h"

#include <pthread.h>
#include <string.h>

enum { WORKERS = 3, ROWS = 10 };

static struct config config;
static struct board board;
static struct engine engines[WORKERS];

static void open_engines(uint32_t sessions, uint32_t per_address)
{
	config.max_sessions = sessions;
	config.max_sessions_per_address = per_address;
	ck_assert_int_eq(board_open(&board, WORKERS, ROWS), 0);
	for (uint32_t i = 0; i < WORKERS; i++) {
		atomic_store(&board.workers[i].rows_used, ROWS);
		engines[i] = (struct engine){
			.config = &config, .board = &board, .slot = i, .row = &board.workers[i]};
	}
}

static struct address peer(const char *host)
{
	struct address address;

	ck_assert_int_eq(address_parse(&address, host, (uint16_t)random()), 0);
	return address;
}

static enum limits_verdict claim(uint32_t slot, const char *host)
{
	struct address address = peer(host);

	return limits_claim(&engines[slot], &address);
}

static void release(uint32_t slot, const char *host)
{
	struct address address = peer(host);

	limits_release(&engines[slot], &address);
}

START_TEST(server_s_cap_is_over_all_workers)
{
	open_engines(5, 0);
	for (uint32_t i = 0; i < 5; i++) {
		ck_assert_int_eq(claim(i % WORKERS, "192.0.2.1"), LIMITS_GRANTED);
		ck_assert_uint_eq(limits_sessions(&engines[0]), i + 1);
	}
	for (uint32_t i = 0; i < WORKERS; i++)
		ck_assert_int_eq(claim(i, "192.0.2.2"), LIMITS_SERVER_FULL);
	ck_assert_uint_eq(limits_sessions(&engines[2]), 5);
	release(0, "192.0.2.1");
	ck_assert_int_eq(claim(2, "192.0.2.2"), LIMITS_GRANTED);
	ck_assert_int_eq(claim(0, "192.0.2.2"), LIMITS_SERVER_FULL);
}
END_TEST

START_TEST(address_s_cap_is_over_all_workers)
{
	open_engines(100, 2);
	ck_assert_int_eq(claim(0, "192.0.2.1"), LIMITS_GRANTED);
	ck_assert_int_eq(claim(1, "192.0.2.1"), LIMITS_GRANTED);
	ck_assert_int_eq(claim(2, "192.0.2.1"), LIMITS_ADDRESS_FULL);
	ck_assert_int_eq(claim(0, "192.0.2.1"), LIMITS_ADDRESS_FULL);
	ck_assert_int_eq(claim(2, "192.0.2.2"), LIMITS_GRANTED);
	ck_assert_int_eq(claim(2, "2001:db8::1"), LIMITS_GRANTED);
	release(1, "192.0.2.1");
	ck_assert_int_eq(claim(2, "192.0.2.1"), LIMITS_GRANTED);
	ck_assert_int_eq(claim(1, "192.0.2.1"), LIMITS_ADDRESS_FULL);
}
END_TEST

/* Of IPv6, whoever has one address has its whole /64. */
START_TEST(addresses_of_a_64_are_one_client)
{
	open_engines(100, 2);
	ck_assert_int_eq(claim(0, "2001:db8::1"), LIMITS_GRANTED);
	ck_assert_int_eq(claim(1, "2001:db8::ffff:2"), LIMITS_GRANTED);
	ck_assert_int_eq(claim(2, "2001:db8::3"), LIMITS_ADDRESS_FULL);
	ck_assert_int_eq(claim(2, "2001:db8:0:1::3"), LIMITS_GRANTED);
	release(1, "2001:db8::ffff:2");
	ck_assert_int_eq(claim(2, "2001:db8::3"), LIMITS_GRANTED);
	/* That one is everybody's on the link. */
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(claim(0, "fe80::1"), LIMITS_GRANTED);
	ck_assert_int_eq(claim(0, "fe80::1"), LIMITS_ADDRESS_FULL);
	ck_assert_int_eq(claim(0, "fe80::2"), LIMITS_GRANTED);
}
END_TEST

/* A session as the board shows it. */
static void show(uint32_t slot, uint32_t index, uint64_t user)
{
	struct board_activity activity = {.user_key = user};

	board_session_open(board_session(&board, slot, index), &activity);
}

START_TEST(user_s_cap_is_over_all_workers)
{
	uint64_t anna = limits_user("anna"), other = anna + BOARD_USER_BUCKETS;

	open_engines(100, 0);
	ck_assert_uint_ne(anna, limits_user("bert"));
	for (uint32_t i = 0; i < 2; i++) {
		ck_assert(limits_claim_user(&engines[i], anna, 2));
		show(i, 0, anna);
	}
	ck_assert(!limits_claim_user(&engines[2], anna, 2));
	ck_assert(limits_claim_user(&engines[2], limits_user("bert"), 2));
	/* One in the same bucket is not mixed up with her, on either side. */
	for (uint32_t i = 1; i < 3; i++) {
		ck_assert(limits_claim_user(&engines[2], other, 2));
		show(2, i, other);
	}
	ck_assert(!limits_claim_user(&engines[2], other, 2));
	ck_assert(!limits_claim_user(&engines[2], anna, 2));
	board_session_close(board_session(&board, 0, 0));
	limits_release_user(&engines[0], anna);
	ck_assert(limits_claim_user(&engines[2], anna, 2));
	ck_assert(limits_claim_user(&engines[2], anna, 0));
}
END_TEST

START_TEST(room_may_come_of_idle_sessions_in_doubt)
{
	uint64_t anna = limits_user("anna");
	struct board_activity busy = {.user_key = anna, .command_since_ms = 1};

	open_engines(100, 0);
	ck_assert(!limits_user_may_get_room(&engines[0], anna, 1000));
	board_session_open(board_session(&board, 1, 0), &busy);
	ck_assert(!limits_user_may_get_room(&engines[0], anna, 1000));
	show(2, 3, anna);
	ck_assert(!limits_user_may_get_room(&engines[0], limits_user("bert"), 1000));
	/* Its worker has not looked yet; nor, for her, when it looked for another one. */
	ck_assert(limits_user_may_get_room(&engines[0], anna, 1000));
	atomic_store(&board.workers[2].probed_ms, 1000);
	ck_assert(limits_user_may_get_room(&engines[0], anna, 1000));
	atomic_store(&board.workers[2].probed_user, anna);
	ck_assert(!limits_user_may_get_room(&engines[0], anna, 1000));
	ck_assert(limits_user_may_get_room(&engines[0], anna, 1001));
	atomic_store(&board_session(&board, 2, 3)->doubted, 1);
	ck_assert(limits_user_may_get_room(&engines[0], anna, 1000));
}
END_TEST

START_TEST(no_cap_per_address)
{
	open_engines(1000, 0);
	for (uint32_t i = 0; i < 1000; i++)
		ck_assert_int_eq(claim(i % WORKERS, "192.0.2.1"), LIMITS_GRANTED);
	ck_assert_int_eq(claim(0, "192.0.2.1"), LIMITS_SERVER_FULL);
}
END_TEST

START_TEST(refusal_leaves_no_trace)
{
	open_engines(2, 1);
	ck_assert_int_eq(claim(0, "192.0.2.1"), LIMITS_GRANTED);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(claim(1, "192.0.2.1"), LIMITS_ADDRESS_FULL);
	ck_assert_uint_eq(limits_sessions(&engines[0]), 1);
	ck_assert_int_eq(claim(1, "192.0.2.2"), LIMITS_GRANTED);
	for (int i = 0; i < 100; i++)
		ck_assert_int_eq(claim(2, "192.0.2.3"), LIMITS_SERVER_FULL);
	release(0, "192.0.2.1");
	release(1, "192.0.2.2");
	ck_assert_uint_eq(limits_sessions(&engines[0]), 0);
	for (int i = 0; i < BOARD_ADDRESS_BUCKETS; i++) {
		for (uint32_t slot = 0; slot < WORKERS; slot++)
			ck_assert_uint_eq(board.workers[slot].addresses[i], 0);
	}
}
END_TEST

START_TEST(dead_worker_s_share_vanishes)
{
	open_engines(3, 2);
	ck_assert_int_eq(claim(1, "192.0.2.1"), LIMITS_GRANTED);
	ck_assert_int_eq(claim(1, "192.0.2.1"), LIMITS_GRANTED);
	ck_assert_int_eq(claim(0, "192.0.2.1"), LIMITS_ADDRESS_FULL);
	board_wipe_worker(&board, 1);
	ck_assert_uint_eq(limits_sessions(&engines[0]), 0);
	ck_assert_int_eq(claim(0, "192.0.2.1"), LIMITS_GRANTED);
}
END_TEST

/* Another host that falls into the same bucket of the board. */
static struct address neighbour(const struct address *address)
{
	uint32_t bucket = address_host_hash(address) % BOARD_ADDRESS_BUCKETS;
	struct address other;
	char host[20];

	for (unsigned int i = 0; i < 1 << 16; i++) {
		snprintf(host, sizeof(host), "10.1.%u.%u", i >> 8, i & 255);
		other = peer(host);
		if (address_host_hash(&other) % BOARD_ADDRESS_BUCKETS == bucket)
			return other;
	}
	ck_abort_msg("no neighbour in a /16");
	return other;
}

START_TEST(neighbours_in_a_bucket_are_told_apart)
{
	struct address one = peer("192.0.2.1"), other = neighbour(&one);
	struct board_activity activity = {.peer = one};

	open_engines(100, 2);
	ck_assert(!address_same_host(&one, &other));
	for (uint32_t i = 0; i < 2; i++) {
		ck_assert_int_eq(limits_claim(&engines[i], &one), LIMITS_GRANTED);
		board_session_open(board_session(&board, i, 0), &activity);
	}
	activity.peer = other;
	for (uint32_t i = 0; i < 2; i++) {
		ck_assert_int_eq(limits_claim(&engines[2], &other), LIMITS_GRANTED);
		board_session_open(board_session(&board, 2, i), &activity);
	}
	/* And each is full for himself. */
	ck_assert_int_eq(limits_claim(&engines[2], &one), LIMITS_ADDRESS_FULL);
	ck_assert_int_eq(limits_claim(&engines[0], &other), LIMITS_ADDRESS_FULL);
	board_session_close(board_session(&board, 2, 0));
	limits_release(&engines[2], &other);
	ck_assert_int_eq(limits_claim(&engines[0], &one), LIMITS_ADDRESS_FULL);
	ck_assert_int_eq(limits_claim(&engines[0], &other), LIMITS_GRANTED);
}
END_TEST

START_TEST(large_caps_are_kept_to)
{
	enum { MOST = 66000 };
	struct address one = peer("192.0.2.1");

	open_engines(1000000, MOST);
	for (uint32_t i = 0; i < MOST; i++)
		ck_assert_int_eq(limits_claim(&engines[0], &one), LIMITS_GRANTED);
	ck_assert_int_eq(limits_claim(&engines[0], &one), LIMITS_ADDRESS_FULL);
}
END_TEST

enum { CAP = 7, ROUNDS = 3000 };

static _Atomic int held, held_most;

/* A worker that accepts and closes as fast as it can. */
static void *accept_and_close(void *engine)
{
	struct address one = peer("192.0.2.1");
	int mine = 0;

	for (int i = 0; i < ROUNDS; i++) {
		if (limits_claim(engine, &one) == LIMITS_GRANTED) {
			int now = atomic_fetch_add(&held, 1) + 1, most = atomic_load(&held_most);

			while (now > most && !atomic_compare_exchange_weak(&held_most, &most, now))
				;
			mine++;
		}
		if (mine > i % 4) {
			atomic_fetch_sub(&held, 1);
			limits_release(engine, &one);
			mine--;
		}
	}
	while (mine-- > 0) {
		atomic_fetch_sub(&held, 1);
		limits_release(engine, &one);
	}
	return NULL;
}

static void race(uint32_t sessions, uint32_t per_address)
{
	pthread_t threads[WORKERS];

	open_engines(sessions, per_address);
	for (int i = 0; i < WORKERS; i++)
		ck_assert_int_eq(
			pthread_create(&threads[i], NULL, accept_and_close, &engines[i]), 0);
	for (int i = 0; i < WORKERS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_gt(held_most, 0);
	ck_assert_int_le(held_most, CAP);
	ck_assert_uint_eq(limits_sessions(&engines[0]), 0);
}

enum { USER_THREADS = 6, USER_ROUNDS = 300 };

/* Logs in and out as fast as it can, as the user who is everybody's. */
static void *log_in_and_out(void *number)
{
	uint32_t me = (uint32_t)(uintptr_t)number;
	const struct engine *engine = &engines[me % WORKERS];
	uint64_t user = limits_user("anna");

	for (int i = 0; i < USER_ROUNDS; i++) {
		if (!limits_claim_user(engine, user, 2))
			continue;
		show(me % WORKERS, me / WORKERS, user);
		int now = atomic_fetch_add(&held, 1) + 1, most = atomic_load(&held_most);

		while (now > most && !atomic_compare_exchange_weak(&held_most, &most, now))
			;
		atomic_fetch_sub(&held, 1);
		board_session_close(board_session(&board, me % WORKERS, me / WORKERS));
		limits_release_user(engine, user);
	}
	return NULL;
}

START_TEST(user_s_cap_holds_in_a_race)
{
	pthread_t threads[USER_THREADS];

	open_engines(100, 0);
	for (uintptr_t i = 0; i < USER_THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, log_in_and_out, (void *)i), 0);
	for (int i = 0; i < USER_THREADS; i++)
		pthread_join(threads[i], NULL);
	ck_assert_int_gt(held_most, 0);
	ck_assert_int_le(held_most, 2);
	for (int i = 0; i < WORKERS; i++)
		ck_assert_uint_eq(
			board.workers[i].users[limits_user("anna") % BOARD_USER_BUCKETS], 0);
}
END_TEST

START_TEST(server_s_cap_holds_in_a_race)
{
	race(CAP, 0);
}
END_TEST

START_TEST(address_s_cap_holds_in_a_race)
{
	race(1000, CAP);
}
END_TEST

START_TEST(another_with_fewer_must_live_and_accept)
{
	open_engines(50, 0);
	ck_assert(!limits_another_has_fewer(&engines[0], ROWS));
	atomic_store(&board.workers[0].accepting, BOARD_ACCEPTS);
	atomic_store(&board.workers[0].heartbeat_ms, clock_ms() + 1000000);
	ck_assert(!limits_another_has_fewer(&engines[0], ROWS));
	ck_assert(limits_another_has_fewer(&engines[1], ROWS));
	ck_assert_int_eq(claim(0, "192.0.2.1"), LIMITS_GRANTED);
	ck_assert(!limits_another_has_fewer(&engines[1], 1));
	ck_assert(limits_another_has_fewer(&engines[1], 2));
	atomic_store(&board.workers[0].accepting, BOARD_ACCEPTS_NONE);
	ck_assert(!limits_another_has_fewer(&engines[1], ROWS));
	atomic_store(&board.workers[0].accepting, BOARD_ACCEPTS);
	atomic_store(&board.workers[0].heartbeat_ms, clock_ms() - 5000);
	ck_assert(!limits_another_has_fewer(&engines[1], ROWS));
}
END_TEST

SUITE(limits, server_s_cap_is_over_all_workers, address_s_cap_is_over_all_workers,
	addresses_of_a_64_are_one_client, user_s_cap_is_over_all_workers,
	room_may_come_of_idle_sessions_in_doubt, user_s_cap_holds_in_a_race, no_cap_per_address,
	refusal_leaves_no_trace, dead_worker_s_share_vanishes,
	neighbours_in_a_bucket_are_told_apart, large_caps_are_kept_to, server_s_cap_holds_in_a_race,
	address_s_cap_holds_in_a_race, another_with_fewer_must_live_and_accept)
