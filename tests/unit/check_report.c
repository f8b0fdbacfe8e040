#include "supervisor/report.h"

#include "tests/unit/master_setup.h"
#include "tests/unit/suite.h"

/* The member at "a", or at "a.b", or fails. */
static const json_t *member(const json_t *object, const char *path)
{
	const char *dot = strchr(path, '.');
	const json_t *found;
	char name[60];

	snprintf(name, sizeof(name), "%.*s", dot ? (int)(dot - path) : 40, path);
	found = json_object_get(object, name);
	ck_assert_msg(found, "%s is missing", path);
	return dot ? member(found, dot + 1) : found;
}

static void expect_number(const json_t *object, const char *path, double value)
{
	ck_assert_msg(json_is_number(member(object, path)), "%s is no number", path);
	ck_assert_double_eq(json_number_value(member(object, path)), value);
}

static void expect_text(const json_t *object, const char *path, const char *text)
{
	ck_assert_msg(json_is_string(member(object, path)), "%s is no text", path);
	ck_assert_str_eq(json_string_value(member(object, path)), text);
}

static json_t *whole(json_t *object)
{
	char *text;

	ck_assert_ptr_nonnull(object);
	text = json_dumps(object, 0);
	ck_assert_ptr_nonnull(text);
	free(text);
	return object;
}

START_TEST(service_at_a_glance)
{
	json_t *status;

	master_set_up();
	atomic_store(&master.board.workers[0].sessions, 3);
	atomic_store(&master.board.workers[1].sessions, 4);
	atomic_store(&master.board.workers[1].transfers, 2);
	master.pool.slots[1].restarts = 5;
	master.pool.buried[COUNT_requests] = 100;
	atomic_store(&master.board.workers[0].counters[COUNT_requests], 20);
	atomic_store(&master.board.workers[1].counters[COUNT_requests], 3);
	status = whole(report_status(&master));
	expect_text(status, "version", FTPOOL_VERSION);
	expect_text(status, "state", "serving");
	expect_text(status, "root", master_config->root);
	expect_text(status, "config", "test.conf");
	expect_number(status, "pid", getpid());
	expect_number(status, "workers_wanted", 2);
	expect_number(status, "workers_living", 2);
	expect_number(status, "sessions", 7);
	expect_number(status, "transfers", 2);
	expect_number(status, "restarts", 5);
	expect_number(status, "totals.requests", 123);
	expect_number(status, "since_unix", (double)master.since_unix);
	ck_assert_double_ge(json_number_value(member(status, "uptime_seconds")), 0);
	ck_assert_uint_eq(json_object_size(member(status, "totals")), BOARD_COUNTERS);
	expect_number(status, "rates_per_second.requests", 0);
	json_decref(status);
	master_tear_down();
}
END_TEST

START_TEST(state_is_one_of_four)
{
	static const char *const states[] = {"starting", "serving", "degraded", "stopping"};

	master_set_up();
	for (int i = 0; i < 4; i++) {
		json_t *status;

		master.announced = i > 0;
		master.pool.slots[1].state = i == 2 ? POOL_RESTING : POOL_LIVING;
		master.stopping = i == 3;
		status = whole(report_status(&master));
		expect_text(status, "state", states[i]);
		expect_number(status, "workers_living", i == 2 ? 1 : 2);
		json_decref(status);
	}
	master_tear_down();
}
END_TEST

START_TEST(listeners_are_told)
{
	json_t *status;
	const json_t *listeners;

	master_set_up();
	status = whole(report_status(&master));
	listeners = member(status, "listeners");
	ck_assert_uint_eq(json_array_size(listeners), 2);
	expect_text(json_array_get(listeners, 0), "name", "one");
	expect_text(json_array_get(listeners, 0), "protocol", "lgpq");
	expect_text(json_array_get(listeners, 0), "address", "127.0.0.1:8888");
	expect_text(json_array_get(listeners, 1), "address", "0.0.0.0:7");
	json_decref(status);
	master_tear_down();
}
END_TEST

START_TEST(each_slot_is_a_worker)
{
	json_t *report;
	const json_t *worker;

	master_set_up();
	atomic_store(&master.board.workers[1].threads, 6);
	atomic_store(&master.board.workers[1].threads_waiting, 5);
	atomic_store(&master.board.workers[1].heartbeat_ms, clock_ms());
	master.pool.slots[0] = (struct pool_slot){.state = POOL_VACANT,
		.generation = 1,
		.birthright = &master_generation->birthright,
		.channel = -1};
	report = whole(report_workers(&master));
	ck_assert_uint_eq(json_array_size(member(report, "workers")), 2);
	worker = json_array_get(member(report, "workers"), 0);
	expect_number(worker, "worker", 0);
	expect_text(worker, "state", "vacant");
	expect_number(worker, "pid", 0);
	expect_number(worker, "age_seconds", 0);
	expect_number(worker, "silent_seconds", 0);
	worker = json_array_get(member(report, "workers"), 1);
	expect_text(worker, "state", "living");
	expect_number(worker, "pid", 1000000001);
	expect_number(worker, "threads", 6);
	expect_number(worker, "threads_waiting", 5);
	json_decref(report);
	master_tear_down();
}
END_TEST

/* A session in that row. */
static void show_session(uint32_t slot, uint32_t index, const struct board_activity *activity)
{
	struct board_session *row = board_session(&master.board, slot, index);

	atomic_store(&master.board.workers[slot].rows_used, MASTER_ROWS);
	board_session_open(row, activity);
	atomic_store(&row->bytes_done, 17);
}

static json_t *only_session(const char *path)
{
	struct board_activity activity = {.listener = 1,
		.number = 70000,
		.opened_unix = 1700000000,
		.bytes_total = -1,
		.command = "get",
		.user = "ann\n"};
	json_t *report;

	address_parse(&activity.peer, "192.0.2.7", 40122);
	strncpy(activity.path, path, sizeof(activity.path) - 1);
	show_session(1, 3, &activity);
	report = whole(report_sessions(&master));
	ck_assert_uint_eq(json_array_size(member(report, "sessions")), 1);
	return report;
}

START_TEST(each_live_session_is_told)
{
	json_t *report;
	const json_t *session;

	master_set_up();
	report = only_session("/a file");
	session = json_array_get(member(report, "sessions"), 0);
	expect_text(session, "session", "1.70000");
	expect_text(session, "peer", "192.0.2.7:40122");
	expect_text(session, "protocol", "echo");
	expect_text(session, "listener", "two");
	expect_text(session, "command", "get");
	expect_text(session, "user", "ann\\x0a");
	expect_text(session, "path", "/a file");
	expect_number(session, "since_unix", 1700000000);
	expect_number(session, "bytes", 17);
	expect_number(session, "command_seconds", 0);
	expect_number(session, "bytes_per_second", 0);
	ck_assert_ptr_null(json_object_get(session, "bytes_total"));
	json_decref(report);
	board_session_close(board_session(&master.board, 1, 3));
	report = whole(report_sessions(&master));
	ck_assert_uint_eq(json_array_size(member(report, "sessions")), 0);
	json_decref(report);
	master_tear_down();
}
END_TEST

START_TEST(rate_counts_from_the_command_s_begin)
{
	struct board_activity activity = {.command = "get", .command_since_ms = clock_ms() - 10000};
	json_t *report;
	double rate;

	master_set_up();
	show_session(0, 0, &activity);
	report = whole(report_sessions(&master));
	rate = json_number_value(
		json_object_get(json_array_get(member(report, "sessions"), 0), "bytes_per_second"));
	/* 17 bytes in 10 seconds, or more on a busy machine. */
	ck_assert_double_gt(rate, 0);
	ck_assert_double_le(rate, 1.7);
	json_decref(report);
	master_tear_down();
}
END_TEST

START_TEST(paths_are_utf8_and_harmless)
{
	static const struct {
		const char *path, *told;
	} rows[] = {{"文件.txt", "文件.txt"}, {"a\nb", "a\\x0ab"}, {"\xff", "\\xff"},
		{"\"", "\\x22"}, {"\xe6\x96", "\\xe6\\x96"}, {"\x1b[31m", "\\x1b[31m"}};

	master_set_up();
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		json_t *report = only_session(rows[i].path);

		expect_text(json_array_get(member(report, "sessions"), 0), "path", rows[i].told);
		json_decref(report);
	}
	master_tear_down();
}
END_TEST

/* Every number, wherever it stands. */
static void expect_no_negative_number(const json_t *value, const char *name)
{
	const char *key;
	json_t *inner;
	size_t index;

	if (json_is_number(value))
		ck_assert_msg(
			json_number_value(value) >= 0, "%s is %f", name, json_number_value(value));
	if (json_is_array(value))
		json_array_foreach(value, index, inner) expect_no_negative_number(inner, name);
	if (json_is_object(value))
		json_object_foreach((json_t *)value, key, inner)
			expect_no_negative_number(inner, key);
}

static void fill_with_garbage(void)
{
	unsigned char *byte = (unsigned char *)master.board.workers;

	for (size_t i = 0; i < master.board.size; i++)
		byte[i] = (unsigned char)random();
	for (uint32_t slot = 0; slot < MASTER_WORKERS; slot++) {
		atomic_store(&master.board.workers[slot].rows_used, UINT32_MAX);
		for (uint32_t i = 0; i < MASTER_ROWS; i++)
			atomic_store(&board_session(&master.board, slot, i)->turn, 2);
	}
}

/* A worker that was broken into writes what it likes on the board; the answers stay answers. */
START_TEST(garbage_on_the_board_does_no_harm)
{
	master_set_up();
	for (int round = 0; round < 50; round++) {
		json_t *reports[3];

		fill_with_garbage();
		reports[0] = whole(report_status(&master));
		reports[1] = whole(report_workers(&master));
		reports[2] = whole(report_sessions(&master));
		ck_assert_uint_eq(json_array_size(member(reports[2], "sessions")),
			MASTER_WORKERS * MASTER_ROWS);
		for (int i = 0; i < 3; i++)
			json_decref(reports[i]);
	}
	master_tear_down();
}
END_TEST

START_TEST(garbage_is_clamped)
{
	json_t *status;

	master_set_up();
	for (int round = 0; round < 50; round++) {
		fill_with_garbage();
		status = report_status(&master);
		expect_no_negative_number(status, "status");
		json_decref(status);
	}
	master_tear_down();
}
END_TEST

/* Names of directories and files are bytes. */
START_TEST(names_that_are_no_utf8_do_no_harm)
{
	json_t *report;

	master_set_up();
	free(master_config->root);
	master_config->root = strdup("/srv/\xff\xfe");
	report = whole(report_status(&master));
	ck_assert_ptr_nonnull(strstr(json_string_value(member(report, "root")), "/srv/"));
	json_decref(report);
	free(master_config->file);
	master_config->file = strdup("\xff.conf");
	json_decref(whole(report_status(&master)));
	free(master_config->listeners[1].name);
	master_config->listeners[1].name = strdup("\xff");
	report = whole(report_status(&master));
	ck_assert_uint_eq(json_array_size(member(report, "listeners")), 2);
	json_decref(report);
	report = only_session("/a");
	expect_text(json_array_get(member(report, "sessions"), 0), "session", "1.70000");
	json_decref(report);
	master_tear_down();
}
END_TEST

SUITE(report, service_at_a_glance, state_is_one_of_four, listeners_are_told, each_slot_is_a_worker,
	each_live_session_is_told, rate_counts_from_the_command_s_begin,
	paths_are_utf8_and_harmless, garbage_on_the_board_does_no_harm, garbage_is_clamped,
	names_that_are_no_utf8_do_no_harm)
