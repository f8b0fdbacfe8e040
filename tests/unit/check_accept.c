#include "worker/accept.h"

#include "tests/unit/engine_setup.h"
#include "tests/unit/line_protocol.h"
#include "tests/unit/suite.h"

#include <sys/resource.h>

enum { CAPACITY = 20 };

static struct acceptor *acceptor;
static int listening;

static const struct protocol *protocol_named(uint32_t name)
{
	ck_assert_uint_eq(name, PROTOCOL_LGPQ);
	return &line_protocol;
}

static void open_acceptor(uint32_t capacity)
{
	int workers_copy;

	engine_set_up(capacity);
	listening = loopback_listen();
	ck_assert_int_eq(fcntl(listening, F_SETFL, O_NONBLOCK), 0);
	/* The worker closes his; the master's stays. */
	workers_copy = fcntl(listening, F_DUPFD_CLOEXEC, 0);
	acceptor = acceptor_new(&engine, &workers_copy, protocol_named);
	ck_assert_ptr_nonnull(acceptor);
	ck_assert_int_eq(acceptor_start(acceptor), 0);
}

static uint64_t counted(enum board_counter counter)
{
	return engine_counted(counter);
}

/* A connection that is turned away with the words for that. */
static void expect_refused(int client, enum session_end why)
{
	char words[20];

	snprintf(words, sizeof(words), "bye %d\n", (int)why);
	client_expect(client, words);
	client_expect_end(client);
	close(client);
}

START_TEST(connections_become_sessions)
{
	int clients[CAPACITY];

	open_acceptor(2 * CAPACITY);
	for (int i = 0; i < CAPACITY; i++) {
		clients[i] = loopback_connect(listening);
		client_expect(clients[i], "hello\n");
	}
	for (int i = 0; i < CAPACITY; i++) {
		client_say(clients[i], "x\n");
		client_expect(clients[i], "x\n");
	}
	ck_assert_uint_eq(sessions_count(engine.sessions), CAPACITY);
	ck_assert_uint_eq(limits_sessions(&engine), CAPACITY);
	ck_assert(!acceptor_wants_ticks(acceptor));
}
END_TEST

START_TEST(peer_is_known)
{
	struct board_activity activity;
	char text[ADDRESS_TEXT];
	uint64_t bytes;
	int client;

	open_acceptor(CAPACITY);
	client = loopback_connect_from(listening, 9);
	client_expect(client, "hello\n");
	ck_assert(board_session_read(board_session(&engine_board, 0, 0), &activity, &bytes));
	ck_assert_str_eq(address_format_host(&activity.peer, text), "127.0.0.9");
	ck_assert_uint_eq(activity.peer.port, loopback_port(client));
	ck_assert_uint_eq(activity.listener, 0);
}
END_TEST

START_TEST(full_server_refuses_with_words)
{
	int first, second;

	open_acceptor(CAPACITY);
	engine_config->max_sessions = 2;
	first = loopback_connect(listening);
	client_expect(first, "hello\n");
	second = loopback_connect(listening);
	client_expect(second, "hello\n");
	expect_refused(loopback_connect(listening), END_SERVER_FULL);
	expect_refused(loopback_connect(listening), END_SERVER_FULL);
	ck_assert_uint_eq(counted(COUNT_sessions_refused_full), 2);
	close(first);
	until(limits_sessions(&engine) == 1);
	first = loopback_connect(listening);
	client_expect(first, "hello\n");
}
END_TEST

START_TEST(full_address_is_refused_and_others_are_not)
{
	int client;

	open_acceptor(CAPACITY);
	engine_config->max_sessions_per_address = 1;
	client = loopback_connect_from(listening, 2);
	client_expect(client, "hello\n");
	expect_refused(loopback_connect_from(listening, 2), END_ADDRESS_FULL);
	ck_assert_uint_eq(counted(COUNT_sessions_refused_address), 1);
	client = loopback_connect_from(listening, 3);
	client_expect(client, "hello\n");
}
END_TEST

/* The rows are all in use, though the server's cap is not reached, and nobody else has any. */
START_TEST(full_worker_refuses_when_it_is_alone)
{
	int first, second;

	open_acceptor(1);
	first = loopback_connect(listening);
	client_expect(first, "hello\n");
	for (int i = 0; i < 3; i++) {
		expect_refused(loopback_connect(listening), END_SERVER_FULL);
		acceptor_tick(acceptor);
	}
	ck_assert(acceptor_wants_ticks(acceptor));
	ck_assert_uint_eq(limits_sessions(&engine), 1);
	close(first);
	until(sessions_count(engine.sessions) == 0);
	ck_assert(!acceptor_wants_ticks(acceptor));
	second = loopback_connect(listening);
	client_expect(second, "hello\n");
}
END_TEST

/* The row of another worker, which lives, accepts, and has so many sessions. */
static void pretend_another(uint32_t sessions)
{
	struct board_worker *row = &engine_board.workers[1];

	atomic_store(&row->heartbeat_ms, clock_ms() + 1000000);
	atomic_store(&row->sessions, sessions);
	atomic_store(&row->accepting, BOARD_ACCEPTS);
}

/* It stays in the listening socket, for the other worker. */
static void expect_left_alone(int client)
{
	acceptor_tick(acceptor);
	ck_assert_int_lt(recv(client, &(char){0}, 1, MSG_DONTWAIT), 0);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert(acceptor_wants_ticks(acceptor));
}

START_TEST(full_worker_leaves_the_listener_to_another_with_room)
{
	int first, second;

	open_acceptor(1);
	pretend_another(0);
	first = loopback_connect(listening);
	client_expect(first, "hello\n");
	second = loopback_connect(listening);
	expect_left_alone(second);
	/* Now that one is full, too. */
	pretend_another(1);
	until_doing(
		recv(second, &(char){0}, 1, MSG_PEEK | MSG_DONTWAIT) == 1, acceptor_tick(acceptor));
	expect_refused(second, END_SERVER_FULL);
	/* And now it is not: this worker hears of that by its ticks alone. */
	pretend_another(0);
	acceptor_tick(acceptor);
	second = loopback_connect(listening);
	expect_left_alone(second);
	close(first);
	until(sessions_count(engine.sessions) == 0);
	until_doing(sessions_count(engine.sessions) == 1, acceptor_tick(acceptor));
	client_expect(second, "hello\n");
	ck_assert_uint_eq(counted(COUNT_sessions_refused_full), 1);
}
END_TEST

/* Of 20 rows 2 are for those who come while it leaves; they are given out when others have no more
 * to give than that. */
START_TEST(nearly_full_worker_leaves_the_listener_to_others_with_more_room)
{
	int clients[CAPACITY];

	open_acceptor(CAPACITY);
	pretend_another(CAPACITY - 3);
	for (int i = 0; i < CAPACITY - 2; i++) {
		clients[i] = loopback_connect(listening);
		client_expect(clients[i], "hello\n");
	}
	clients[CAPACITY - 2] = loopback_connect(listening);
	expect_left_alone(clients[CAPACITY - 2]);
	pretend_another(CAPACITY - 2);
	clients[CAPACITY - 1] = loopback_connect(listening);
	until_doing(sessions_count(engine.sessions) == CAPACITY, acceptor_tick(acceptor));
	client_expect(clients[CAPACITY - 2], "hello\n");
	client_expect(clients[CAPACITY - 1], "hello\n");
}
END_TEST

/* Takes all descriptors that are left. */
static void use_up_descriptors(void)
{
	struct rlimit limit = {100, 100};

	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	while (dup(STDERR_FILENO) >= 0)
		;
	ck_assert_int_eq(errno, EMFILE);
}

START_TEST(without_descriptors_clients_are_told)
{
	int early, client;

	open_acceptor(CAPACITY);
	early = loopback_connect(listening);
	client_expect(early, "hello\n");
	client = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 90);
	use_up_descriptors();
	/* One for the client's end. */
	close(client);
	expect_refused(loopback_connect(listening), END_NO_DESCRIPTOR);
	ck_assert_uint_eq(counted(COUNT_accepts_without_descriptor), 1);
	until(acceptor_wants_ticks(acceptor));
	/* Those who are in are served. */
	client_say(early, "x\n");
	client_expect(early, "x\n");
	/* With descriptors again it goes on. */
	close(98);
	close(99);
	client = loopback_connect(listening);
	until_doing(!acceptor_wants_ticks(acceptor), acceptor_tick(acceptor));
	client_expect(client, "hello\n");
}
END_TEST

START_TEST(stop_closes_this_worker_s_side_alone)
{
	int before, after;

	open_acceptor(CAPACITY);
	before = loopback_connect(listening);
	client_expect(before, "hello\n");
	acceptor_stop(acceptor);
	acceptor_stop(acceptor);
	/* The connection waits in the master's socket for another worker. */
	after = loopback_connect(listening);
	acceptor_tick(acceptor);
	client_say(before, "x\n");
	client_expect(before, "x\n");
	ck_assert_int_lt(recv(after, &(char){0}, 1, MSG_DONTWAIT), 0);
	ck_assert_int_eq(errno, EAGAIN);
	ck_assert_uint_eq(sessions_count(engine.sessions), 1);
	ck_assert_int_ge(accept(listening, NULL, NULL), 0);
}
END_TEST

SUITE(accept, connections_become_sessions, peer_is_known, full_server_refuses_with_words,
	full_address_is_refused_and_others_are_not, full_worker_refuses_when_it_is_alone,
	full_worker_leaves_the_listener_to_another_with_room,
	nearly_full_worker_leaves_the_listener_to_others_with_more_room,
	without_descriptors_clients_are_told, stop_closes_this_worker_s_side_alone)
