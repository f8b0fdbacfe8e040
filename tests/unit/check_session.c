#include "worker/session_activity.h"

#include "tests/unit/engine_setup.h"
#include "tests/unit/line_protocol.h"
#include "tests/unit/suite.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>

enum { CAPACITY = 20 };

static struct address loopback;

/* What is spoken in this test. */
static const struct protocol *spoken = &line_protocol;

static uint64_t counted(enum board_counter counter)
{
	return engine_counted(counter);
}

/* A session that greets; the client's end. */
static int begin_session(void)
{
	int ends[2];

	ck_assert_int_eq(address_parse(&loopback, "127.0.0.1", 4711), 0);
	loopback_pair(ends);
	ck_assert_int_eq(limits_claim(&engine, &loopback), LIMITS_GRANTED);
	ck_assert(session_begin(engine.sessions, ends[1], &loopback, 0, spoken));
	return ends[0];
}

static int begin_greeted_session(void)
{
	int client = begin_session();

	client_expect(client, "hello\n");
	return client;
}

static bool row_shows(uint32_t index, struct board_activity *activity)
{
	uint64_t bytes;

	return board_session_read(board_session(&engine_board, 0, index), activity, &bytes);
}

START_TEST(wakes_up_for_each_request)
{
	int client;

	engine_set_up(CAPACITY);
	client = begin_greeted_session();
	for (int i = 0; i < 50; i++) {
		client_say(client, "again\n");
		client_expect(client, "again\n");
	}
	ck_assert_uint_eq(sessions_count(engine.sessions), 1);
	ck_assert_uint_eq(counted(COUNT_sessions_opened), 1);
	ck_assert_uint_eq(counted(COUNT_requests), 50);
}
END_TEST

START_TEST(half_a_request_is_parked_and_not_lost)
{
	int client, unsent;

	engine_set_up(CAPACITY);
	client = begin_greeted_session();
	for (const char *letter = "hel"; *letter; letter++) {
		char text[] = {*letter, '\0'};

		client_say(client, text);
		/* Until it has arrived, alone. */
		until(ioctl(client, SIOCOUTQ, &unsent) == 0 && unsent == 0);
	}
	client_say(client, "lo\nsecond\n");
	client_expect(client, "hello\nsecond\n");
}
END_TEST

START_TEST(client_that_leaves_ends_his_session)
{
	struct board_activity activity;

	engine_set_up(CAPACITY);
	close(begin_greeted_session());
	until(sessions_count(engine.sessions) == 0);
	ck_assert_uint_eq(limits_sessions(&engine), 0);
	ck_assert(!row_shows(0, &activity));
}
END_TEST

START_TEST(protocol_may_end_it)
{
	int client;

	engine_set_up(CAPACITY);
	client = begin_greeted_session();
	client_say(client, "last\nquit\nnever read\n");
	client_expect(client, "last\n");
	client_expect_end(client);
	until(sessions_count(engine.sessions) == 0);
}
END_TEST

START_TEST(all_can_see_what_it_does)
{
	struct board_activity activity;
	int client;

	engine_set_up(CAPACITY);
	client = begin_greeted_session();
	ck_assert(row_shows(0, &activity));
	ck_assert(address_equal(&activity.peer, &loopback));
	ck_assert_str_eq(activity.command, "");
	ck_assert_int_eq(activity.command_since_ms, 0);
	client_say(client, "wait\n");
	until(row_shows(0, &activity) && activity.bytes_total == 77);
	ck_assert_str_eq(activity.command, "wait");
	ck_assert_str_eq(activity.path, "a/path");
	ck_assert_int_gt(activity.command_since_ms, 0);
	ck_assert_int_le(activity.command_since_ms, clock_ms());
	until(engine.row->transfers == 1);
	client_say(client, "!");
	client_expect(client, "done\n");
	ck_assert_uint_eq(engine.row->transfers, 0);
	ck_assert(row_shows(0, &activity));
	ck_assert_str_eq(activity.command, "");
	ck_assert_str_eq(activity.path, "");
	ck_assert_int_eq(activity.bytes_total, -1);
}
END_TEST

START_TEST(all_can_see_who_has_logged_in)
{
	struct board_activity activity;
	int client;

	engine_set_up(CAPACITY);
	client = begin_greeted_session();
	ck_assert(row_shows(0, &activity));
	ck_assert_str_eq(activity.user, "");
	client_say(client, "user ann\n");
	client_expect(client, "user ann\n");
	ck_assert(row_shows(0, &activity));
	ck_assert_str_eq(activity.user, "ann");
	client_say(client, "user 0123456789012345678901234567890123456789\n");
	client_expect(client, "user 0123456789012345678901234567890123456789\n");
	ck_assert(row_shows(0, &activity));
	ck_assert_str_eq(activity.user, "0123456789012345678901234567890");
}
END_TEST

START_TEST(rows_are_used_again)
{
	struct board_activity activity;

	engine_set_up(2);
	for (int i = 0; i < 20; i++) {
		int client = begin_greeted_session();

		ck_assert(row_shows(0, &activity));
		ck_assert_str_eq(activity.command, "");
		client_say(client, "wait\n");
		until(engine.row->transfers == 1);
		close(client);
		until(sessions_count(engine.sessions) == 0);
		until(engine.row->transfers == 0);
	}
	ck_assert_uint_eq(board_rows_used(&engine_board, 0), 1);
}
END_TEST

START_TEST(no_row_left_takes_nothing_over)
{
	int ends[2], client, other;

	engine_set_up(2);
	client = begin_greeted_session();
	other = begin_greeted_session();
	loopback_pair(ends);
	ck_assert(!session_begin(engine.sessions, ends[1], &loopback, 0, &line_protocol));
	ck_assert_uint_eq(sessions_count(engine.sessions), 2);
	/* It is still the caller's. */
	ck_assert_int_eq(send(ends[1], "sorry", 5, 0), 5);
	client_expect(ends[0], "sorry");
	close(client);
	until(sessions_count(engine.sessions) == 1);
	ck_assert(session_begin(engine.sessions, ends[1], &loopback, 0, &line_protocol));
	client_expect(ends[0], "hello\n");
	close(other);
}
END_TEST

START_TEST(many_at_once)
{
	int clients[CAPACITY];

	engine_set_up(CAPACITY);
	for (int i = 0; i < CAPACITY; i++)
		clients[i] = begin_greeted_session();
	ck_assert_uint_eq(sessions_count(engine.sessions), CAPACITY);
	for (int round = 0; round < 10; round++) {
		for (int i = 0; i < CAPACITY; i++)
			client_say(clients[i], "x\n");
		for (int i = 0; i < CAPACITY; i++)
			client_expect(clients[i], "x\n");
	}
	for (int i = 0; i < CAPACITY; i++)
		close(clients[i]);
	until(sessions_count(engine.sessions) == 0);
	ck_assert_uint_eq(limits_sessions(&engine), 0);
}
END_TEST

START_TEST(sweep_leaves_the_busy_and_the_fresh)
{
	int idle, busy;

	engine_set_up(CAPACITY);
	idle = begin_greeted_session();
	busy = begin_greeted_session();
	client_say(busy, "wait\n");
	until(engine.row->transfers == 1);
	ck_assert_uint_eq(sessions_sweep(engine.sessions), 2);
	engine_config->idle_timeout_seconds = 0;
	/* A session is overdue once it is parked; who runs is not asked. */
	until(sessions_sweep(engine.sessions) == 1);
	client_expect(idle, "bye 0\n");
	client_expect_end(idle);
	ck_assert_uint_eq(counted(COUNT_sessions_timed_out), 1);
	engine_config->idle_timeout_seconds = 60;
	client_say(busy, "!");
	client_expect(busy, "done\n");
	ck_assert_uint_eq(sessions_sweep(engine.sessions), 1);
	ck_assert_uint_eq(limits_sessions(&engine), 1);
}
END_TEST

START_TEST(draining_ends_the_parked_now_and_the_busy_after_their_command)
{
	int parked, busy;

	engine_set_up(CAPACITY);
	parked = begin_greeted_session();
	busy = begin_greeted_session();
	client_say(busy, "wait\n");
	until(engine.row->transfers == 1);
	atomic_store(&engine.draining, true);
	until(sessions_sweep(engine.sessions) == 1);
	client_expect(parked, "bye 1\n");
	client_expect_end(parked);
	client_say(busy, "!");
	client_expect(busy, "done\nbye 1\n");
	client_expect_end(busy);
	until(sessions_sweep(engine.sessions) == 0);
	ck_assert_uint_eq(counted(COUNT_sessions_timed_out), 0);
}
END_TEST

/* It was let in before the listeners were left, and its request is under way. */
START_TEST(draining_waits_for_the_first_request_of_a_new_session)
{
	int asking, silent;

	engine_set_up(CAPACITY);
	atomic_store(&engine.draining, true);
	asking = begin_greeted_session();
	silent = begin_greeted_session();
	client_say(asking, "one\ntwo\n");
	client_expect(asking, "one\ntwo\nbye 1\n");
	client_expect_end(asking);
	/* But not for long. */
	until(sessions_sweep(engine.sessions) == 0);
	client_expect(silent, "bye 1\n");
	client_expect_end(silent);
}
END_TEST

/* It is told something, and then the connection ends. */
static void expect_last_words(int client)
{
	char byte;
	ssize_t got, words = 0;

	while ((got = recv(client, &byte, 1, 0)) > 0)
		words += got;
	ck_assert_int_eq(got, 0);
	ck_assert_int_gt(words, 0);
}

START_TEST(cut_ends_all_of_them)
{
	int parked, busy;

	engine_set_up(CAPACITY);
	parked = begin_greeted_session();
	busy = begin_greeted_session();
	client_say(busy, "wait\n");
	until(engine.row->transfers == 1);
	sessions_cut(engine.sessions);
	expect_last_words(parked);
	expect_last_words(busy);
	until(sessions_count(engine.sessions) == 0);
	ck_assert_uint_eq(engine.row->transfers, 0);
	/* Nothing is left to cut. */
	sessions_cut(engine.sessions);
}
END_TEST

/* Words would go into the middle of what it sends. */
START_TEST(cut_ends_at_once_what_has_no_connection_aside)
{
	static const struct protocol bare = {.name = PROTOCOL_LGPQ,
		.open = line_open,
		.serve = line_serve,
		.farewell = line_farewell};
	int busy;

	spoken = &bare;
	engine_set_up(CAPACITY);
	busy = begin_greeted_session();
	client_say(busy, "wait\n");
	until(engine.row->transfers == 1);
	sessions_cut(engine.sessions);
	client_expect_end(busy);
	until(sessions_count(engine.sessions) == 0);
}
END_TEST

START_TEST(kick_ends_those_who_are_meant)
{
	int parked, busy, other, silent;

	engine_set_up(CAPACITY);
	parked = begin_greeted_session();
	busy = begin_greeted_session();
	other = begin_greeted_session();
	silent = begin_greeted_session();
	client_say(parked, "user anna\n");
	client_expect(parked, "user anna\n");
	client_say(busy, "user anna\n");
	client_expect(busy, "user anna\n");
	client_say(busy, "wait\n");
	until(engine.row->transfers == 1);
	ck_assert_uint_eq(sessions_kick(engine.sessions, "bert", END_KICKED), 0);
	ck_assert_uint_eq(sessions_kick(engine.sessions, "anna the disk is full", END_KICKED), 2);
	client_expect(parked, "bye 2: the disk is full\n");
	client_expect_end(parked);
	client_expect(busy, "bye 2: the disk is full\n");
	client_expect_end(busy);
	until(sessions_count(engine.sessions) == 2);
	ck_assert_uint_eq(sessions_kick(engine.sessions, "0.4", END_KICKED), 1);
	client_expect(silent, "bye 2\n");
	client_expect_end(silent);
	client_say(other, "x\n");
	client_expect(other, "x\n");
}
END_TEST

/* Writers, leavers and the monitor at the same time. */
START_TEST(nothing_is_lost_in_a_bustle)
{
	int clients[CAPACITY];

	engine_set_up(CAPACITY);
	for (int i = 0; i < CAPACITY; i++)
		clients[i] = begin_session();
	for (int round = 0; round < 300; round++) {
		int i = (int)(random() % CAPACITY);

		if (random() % 3 == 0) {
			close(clients[i]);
			until(sessions_sweep(engine.sessions) < CAPACITY);
			clients[i] = begin_session();
		} else {
			client_say(clients[i], random() % 2 ? "x\n" : "yy");
		}
	}
	sessions_cut(engine.sessions);
	until(sessions_sweep(engine.sessions) == 0);
	ck_assert_uint_eq(limits_sessions(&engine), 0);
}
END_TEST

/* ---- a protocol that keeps something ---- */

static _Atomic int kept;

static enum session_next keep(struct session *session)
{
	char *own = strdup("its own");

	memcpy(session->protocol_bytes, &own, sizeof(char *));
	kept++;
	return line_open(session);
}

static void free_kept(struct session *session)
{
	char *own;

	memcpy(&own, session->protocol_bytes, sizeof(char *));
	ck_assert_str_eq(own, "its own");
	free(own);
	kept--;
}

START_TEST(what_a_protocol_keeps_is_freed_whatever_ends_the_session)
{
	static const struct protocol keeping = {.name = PROTOCOL_LGPQ,
		.open = keep,
		.serve = line_serve,
		.close = free_kept,
		.farewell = line_farewell};
	int client;

	spoken = &keeping;
	engine_set_up(CAPACITY);
	close(begin_greeted_session());
	until(sessions_count(engine.sessions) == 0 && kept == 0);
	client = begin_greeted_session();
	ck_assert_int_eq(kept, 1);
	client_say(client, "quit\n");
	until(sessions_count(engine.sessions) == 0 && kept == 0);
	begin_greeted_session();
	sessions_cut(engine.sessions);
	until(sessions_count(engine.sessions) == 0 && kept == 0);
	begin_greeted_session();
	engine_config->idle_timeout_seconds = 0;
	until(sessions_sweep(engine.sessions) == 0 && kept == 0);
	begin_greeted_session();
	atomic_store(&engine.draining, true);
	until(sessions_sweep(engine.sessions) == 0 && kept == 0);
}
END_TEST

/* ---- a protocol with a time-out of its own ---- */

static uint32_t own_timeout_seconds;

static enum session_next open_patiently(struct session *session)
{
	atomic_store(&session->idle_timeout_seconds, own_timeout_seconds);
	return line_open(session);
}

static const struct protocol patient = {.name = PROTOCOL_LGPQ,
	.open = open_patiently,
	.serve = line_serve,
	.farewell = line_farewell};

START_TEST(idle_timeout_may_be_longer_than_the_configs)
{
	spoken = &patient;
	own_timeout_seconds = 3600;
	engine_set_up(CAPACITY);
	engine_config->idle_timeout_seconds = 0;
	begin_greeted_session();
	own_timeout_seconds = 0;
	begin_greeted_session();
	/* It was forgotten with the session that had it. */
	until(sessions_sweep(engine.sessions) == 1);
	ck_assert_uint_eq(counted(COUNT_sessions_timed_out), 1);
	ck_assert_uint_eq(sessions_sweep(engine.sessions), 1);
}
END_TEST

START_TEST(idle_timeout_may_be_shorter_than_the_configs)
{
	int client;

	spoken = &patient;
	own_timeout_seconds = 1;
	engine_set_up(CAPACITY);
	engine_config->idle_timeout_seconds = 3600;
	client = begin_greeted_session();
	until(sessions_sweep(engine.sessions) == 0);
	client_expect(client, "bye 0\n");
	client_expect_end(client);
}
END_TEST

START_TEST(name_is_slot_and_number)
{
	struct engine other = {.slot = 3};
	struct session session = {.engine = &other, .activity.number = 17};
	char name[SESSION_NAME];

	ck_assert_str_eq(session_name(&session, name), "3.17");
	other.slot = session.activity.number = UINT32_MAX;
	ck_assert_str_eq(session_name(&session, name), "4294967295.4294967295");
}
END_TEST

SUITE(session, wakes_up_for_each_request, half_a_request_is_parked_and_not_lost,
	client_that_leaves_ends_his_session, protocol_may_end_it, all_can_see_what_it_does,
	all_can_see_who_has_logged_in, rows_are_used_again, no_row_left_takes_nothing_over,
	many_at_once, sweep_leaves_the_busy_and_the_fresh,
	draining_ends_the_parked_now_and_the_busy_after_their_command,
	draining_waits_for_the_first_request_of_a_new_session, cut_ends_all_of_them,
	cut_ends_at_once_what_has_no_connection_aside, kick_ends_those_who_are_meant,
	nothing_is_lost_in_a_bustle, what_a_protocol_keeps_is_freed_whatever_ends_the_session,
	idle_timeout_may_be_longer_than_the_configs, idle_timeout_may_be_shorter_than_the_configs,
	name_is_slot_and_number)
