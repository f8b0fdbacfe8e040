/* The table of states, with processes that are no workers where their deaths are all that matters.
 */
#include "supervisor/pool.h"

#include "common/channel.h"
#include "tests/unit/loading.h"
#include "tests/unit/loopback.h"
#include "tests/unit/quiet_log.h"
#include "tests/unit/suite.h"
#include "tests/unit/until.h"

#include <signal.h>
#include <sys/wait.h>

enum { WORKERS = 2, NOW = 1000000, YOUNG_MS = 9000, OLD_MS = 11000 };

static struct config *config;
static struct board board;
static struct pool pool;
static struct birthright birthright;
static int listening;

static void open_pool(void)
{
	config = load_fine("workers = 2\nlistener a { address = 127.0.0.1 }\n"
			   "limits { sessions = 10 }\n");
	config->sandbox = !SUITE_SANITIZED;
	/* The workers' user shall read the root. */
	ck_assert_int_eq(chmod(config->root, 0755), 0);
	quiet_log();
	listening = loopback_listen();
	fcntl(listening, F_SETFL, O_NONBLOCK);
	ck_assert_int_eq(board_open(&board, WORKERS, config->max_sessions), 0);
	ck_assert_int_eq(pool_open(&pool, config, &board), 0);
	birthright = (struct birthright){
		.config = config, .board = &board, .questions = -1, .listeners = &listening};
	ck_assert_int_eq(pool_want(&pool, &birthright, 1, WORKERS), 0);
}

static void close_pool(void)
{
	pool_close(&pool);
	board_close(&board);
	close(listening);
	config_free(config);
}

/* One turn of the master's loop. */
static void turn(void)
{
	struct pollfd watches[WORKERS];
	int64_t now = clock_ms();

	pool_reap(&pool, now);
	pool_shoot_stuck(&pool, now);
	pool_fill(&pool, now);
	pool_watch(&pool, watches);
	(void)poll(watches, WORKERS, 0);
	pool_hear(&pool, watches);
}

/* A process in the slot that is no worker; the other end of its channel. */
static int pose(uint32_t number, enum pool_state state, int64_t since_ms, bool deaf)
{
	struct pool_slot *slot = &pool.slots[number];
	int ends[2], ready[2];
	sigset_t abort_only;

	ck_assert(channel_pair(ends) == 0 && pipe(ready) == 0);
	slot->state = state;
	slot->channel = ends[0];
	slot->since_ms = since_ms;
	slot->pid = fork();
	if (slot->pid == 0) {
		signal(SIGABRT, SIG_DFL);
		sigemptyset(&abort_only);
		sigaddset(&abort_only, SIGABRT);
		sigprocmask(deaf ? SIG_BLOCK : SIG_UNBLOCK, &abort_only, NULL);
		(void)!write(ready[1], "!", 1);
		for (;;)
			pause();
	}
	ck_assert_int_eq(read(ready[0], &(char){0}, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return ends[1];
}

/* Waits for its death, and leaves the burial to the pool. */
static int wait_for_death(pid_t pid)
{
	siginfo_t how = {0};

	ck_assert_int_eq(waitid(P_PID, (id_t)pid, &how, WEXITED | WNOWAIT), 0);
	return how.si_status;
}

/* It dies `age_ms` after its birth. */
static void die(uint32_t number, enum pool_state state, int64_t age_ms)
{
	close(pose(number, state, NOW - age_ms, false));
	kill(pool.slots[number].pid, SIGKILL);
	wait_for_death(pool.slots[number].pid);
	pool_reap(&pool, NOW);
}

static void expect_rest(const struct pool_slot *slot, int64_t shortest, int64_t longest)
{
	int64_t rest = slot->rest_until_ms - NOW;

	ck_assert_int_eq(slot->state, POOL_RESTING);
	ck_assert_msg(rest >= shortest && rest <= longest, "rests %jd ms", (intmax_t)rest);
}

/* A look at the workers by a master that has looked all the time. */
static void look_at(int64_t now)
{
	pool.looked_ms = now - 1;
	pool_shoot_stuck(&pool, now);
}

START_TEST(starts_vacant)
{
	open_pool();
	ck_assert_uint_eq(pool_count(&pool, POOL_VACANT), WORKERS);
	ck_assert_uint_eq(pool_processes(&pool), 0);
	ck_assert(!pool_is_hopeless(&pool));
	ck_assert(!pool_shows_life(&pool, NOW));
	for (int i = POOL_VACANT; i <= POOL_RESTING; i++)
		ck_assert_uint_gt(strlen(pool_state_names[i]), 0);
	pool_reap(&pool, NOW);
	look_at(NOW);
	pool_drain(&pool, "");
	pool_kill(&pool);
	close_pool();
}
END_TEST

START_TEST(good_life_is_followed_at_once)
{
	open_pool();
	for (int i = 0; i < 5; i++) {
		die(0, POOL_LIVING, OLD_MS);
		ck_assert_int_eq(pool.slots[0].state, POOL_VACANT);
		ck_assert_int_eq(pool.slots[0].pid, 0);
		ck_assert_int_eq(pool.slots[0].channel, -1);
	}
	close_pool();
}
END_TEST

START_TEST(young_deaths_rest_longer_and_longer)
{
	open_pool();
	die(0, POOL_LIVING, YOUNG_MS);
	ck_assert_int_eq(pool.slots[0].state, POOL_VACANT);
	for (int64_t rest = 200; rest < 100000; rest *= 2) {
		int64_t most = rest < 30000 ? rest : 30000;

		die(0, POOL_LIVING, YOUNG_MS);
		expect_rest(&pool.slots[0], most * 79 / 100, most * 121 / 100);
	}
	/* The other slot has nothing to do with it. */
	die(1, POOL_LIVING, YOUNG_MS);
	ck_assert_int_eq(pool.slots[1].state, POOL_VACANT);
	/* A good life makes good. */
	die(0, POOL_LIVING, OLD_MS);
	ck_assert_int_eq(pool.slots[0].state, POOL_VACANT);
	die(0, POOL_LIVING, YOUNG_MS);
	ck_assert_int_eq(pool.slots[0].state, POOL_VACANT);
	close_pool();
}
END_TEST

START_TEST(death_before_readiness_rests)
{
	open_pool();
	die(0, POOL_STARTING, 10);
	expect_rest(&pool.slots[0], 79, 121);
	ck_assert(pool.worker_failed_to_start);
	die(0, POOL_STARTING, 10);
	expect_rest(&pool.slots[0], 158, 242);
	close_pool();
}
END_TEST

START_TEST(rest_is_kept_and_patience_knows_its_end)
{
	int64_t until_ms;

	open_pool();
	ck_assert_int_gt(pool_patience(&pool, NOW), 0);
	die(0, POOL_STARTING, 10);
	close(pose(1, POOL_LIVING, NOW, false));
	until_ms = pool.slots[0].rest_until_ms;
	ck_assert_int_eq(pool_patience(&pool, NOW), (int)(until_ms - NOW));
	ck_assert_int_eq(pool_patience(&pool, until_ms + 5), 0);
	pool_fill(&pool, until_ms - 1);
	ck_assert_int_eq(pool.slots[0].state, POOL_RESTING);
	pool_fill(&pool, until_ms);
	ck_assert_int_eq(pool.slots[0].state, POOL_STARTING);
	pool_kill(&pool);
	close_pool();
}
END_TEST

START_TEST(hopeless_when_every_slot_has_failed_and_none_was_ever_ready)
{
	open_pool();
	die(0, POOL_STARTING, 10);
	ck_assert(!pool_is_hopeless(&pool));
	die(1, POOL_STARTING, 10);
	ck_assert(pool_is_hopeless(&pool));
	pool.ever_ready = true;
	ck_assert(!pool_is_hopeless(&pool));
	close_pool();
}
END_TEST

START_TEST(silent_worker_is_aborted)
{
	struct pool_slot *slot;
	int64_t timeout;

	open_pool();
	timeout = (int64_t)config->worker_timeout_seconds * 1000;
	close(pose(0, POOL_LIVING, NOW, false));
	slot = &pool.slots[0];
	atomic_store(&board.workers[0].heartbeat_ms, NOW + 5000);
	look_at(NOW + 5000 + timeout - 1);
	ck_assert_int_eq(slot->shot_ms, 0);
	ck_assert(pool_shows_life(&pool, NOW + 5000 + timeout - 1));
	ck_assert(!pool_shows_life(&pool, NOW + 5000 + timeout));
	look_at(NOW + 5000 + timeout);
	ck_assert_int_eq(wait_for_death(slot->pid), SIGABRT);
	pool_reap(&pool, NOW + 5000 + timeout);
	ck_assert_int_eq(slot->state, POOL_VACANT);
	close_pool();
}
END_TEST

/* A new one has as long to get ready, whatever its predecessor left on the board. */
START_TEST(new_worker_has_its_time)
{
	int64_t timeout;

	open_pool();
	timeout = (int64_t)config->worker_timeout_seconds * 1000;
	close(pose(0, POOL_STARTING, NOW, false));
	atomic_store(&board.workers[0].heartbeat_ms, 5);
	look_at(NOW + timeout - 1);
	ck_assert_int_eq(pool.slots[0].shot_ms, 0);
	look_at(NOW + timeout);
	ck_assert_int_eq(wait_for_death(pool.slots[0].pid), SIGABRT);
	close_pool();
}
END_TEST

START_TEST(deaf_worker_is_killed)
{
	int64_t now, timeout;

	open_pool();
	timeout = (int64_t)config->worker_timeout_seconds * 1000;
	close(pose(0, POOL_LEAVING, NOW, true));
	now = NOW + timeout;
	look_at(now);
	/* It gets its grace, and no second SIGABRT. */
	look_at(now + 1);
	ck_assert(!pool.slots[0].killed);
	look_at(now + 60000);
	ck_assert(pool.slots[0].killed);
	ck_assert_int_eq(wait_for_death(pool.slots[0].pid), SIGKILL);
	close_pool();
}
END_TEST

/* SIGKILL was sent and it has not died: the slot is free, and its late death is nobody's. */
START_TEST(worker_stuck_in_the_kernel_is_replaced)
{
	pid_t stuck;

	open_pool();
	close(pose(0, POOL_LIVING, NOW, true));
	stuck = pool.slots[0].pid;
	pool.slots[0].shot_ms = NOW;
	pool.slots[0].killed = true;
	look_at(NOW + 1);
	ck_assert_int_eq(pool.slots[0].pid, stuck);
	look_at(NOW + 60000);
	ck_assert_int_eq(pool.slots[0].pid, 0);
	ck_assert_uint_eq(pool_processes(&pool), 0);
	kill(stuck, SIGKILL);
	wait_for_death(stuck);
	pool_reap(&pool, NOW + 60000);
	ck_assert_int_eq(waitpid(stuck, NULL, 0), -1);
	close_pool();
}
END_TEST

START_TEST(dead_worker_s_counters_are_kept_and_its_rows_wiped)
{
	struct board_activity activity = {.bytes_total = -1};
	uint64_t bytes;

	open_pool();
	for (uint64_t i = 1; i <= 2; i++) {
		atomic_store(&board.workers[0].counters[COUNT_requests], 20 + i);
		atomic_store(&board.workers[0].sessions, 1);
		atomic_store(&board.workers[0].rows_used, 1);
		board_session_open(board_session(&board, 0, 0), &activity);
		die(0, POOL_LIVING, OLD_MS);
		ck_assert(!board_session_read(board_session(&board, 0, 0), &activity, &bytes));
		ck_assert_uint_eq(board.workers[0].sessions, 0);
		ck_assert_uint_eq(board.workers[0].counters[COUNT_requests], 0);
	}
	ck_assert_uint_eq(pool.buried[COUNT_requests], 43);
	close_pool();
}
END_TEST

static void hear(void)
{
	struct pollfd watches[WORKERS];

	pool_watch(&pool, watches);
	(void)poll(watches, WORKERS, 0);
	pool_hear(&pool, watches);
}

START_TEST(readiness_and_last_words_are_heard)
{
	int first, second;

	open_pool();
	first = pose(0, POOL_STARTING, NOW, false);
	second = pose(1, POOL_STARTING, NOW, false);
	ck_assert_int_eq(channel_send(first, CHANNEL_READY, "", -1), 0);
	hear();
	ck_assert_int_eq(pool.slots[0].state, POOL_LIVING);
	ck_assert_int_eq(pool.slots[1].state, POOL_STARTING);
	ck_assert(pool.ever_ready);
	/* Said in its last moment, heard at its burial. */
	ck_assert_int_eq(channel_send(second, CHANNEL_FAILED, "threads: no memory", -1), 0);
	close(second);
	kill(pool.slots[1].pid, SIGKILL);
	wait_for_death(pool.slots[1].pid);
	pool_reap(&pool, NOW);
	ck_assert_str_eq(pool.failure, "threads: no memory");
	pool_kill(&pool);
	close(first);
	close_pool();
}
END_TEST

/* A worker that was broken into says what it likes. */
START_TEST(nonsense_is_not_obeyed)
{
	int end;

	open_pool();
	end = pose(0, POOL_LEAVING, NOW, false);
	pool.stopping = true;
	ck_assert_int_eq(channel_send(end, CHANNEL_READY, "", STDERR_FILENO), 0);
	ck_assert_int_eq(channel_send(end, CHANNEL_DRAIN, "", -1), 0);
	ck_assert_int_eq(send(end, "junk", 4, 0), 4);
	ck_assert_int_eq(channel_send(end, CHANNEL_LOG, "", STDERR_FILENO), 0);
	for (int i = 0; i < 5; i++)
		hear();
	ck_assert_int_eq(pool.slots[0].state, POOL_LEAVING);
	ck_assert_int_eq(channel_receive(end, &(struct channel_message){0}, &(int){0}), -EAGAIN);
	pool_kill(&pool);
	close(end);
	close_pool();
}
END_TEST

START_TEST(drain_tells_all_and_makes_no_new_ones)
{
	struct channel_message message;
	int ends[WORKERS], descriptor;

	open_pool();
	ends[0] = pose(0, POOL_LIVING, NOW, false);
	ends[1] = pose(1, POOL_STARTING, NOW, false);
	pool_drain(&pool, "");
	for (int i = 0; i < WORKERS; i++) {
		ck_assert_int_eq(channel_receive(ends[i], &message, &descriptor), 1);
		ck_assert_int_eq(message.word, CHANNEL_DRAIN);
		close(ends[i]);
	}
	ck_assert_uint_eq(pool_count(&pool, POOL_LEAVING), WORKERS);
	pool_kill(&pool);
	for (int i = 0; i < WORKERS; i++)
		ck_assert_int_eq(wait_for_death(pool.slots[i].pid), SIGKILL);
	pool_reap(&pool, NOW);
	pool_fill(&pool, NOW);
	ck_assert_uint_eq(pool_count(&pool, POOL_VACANT), WORKERS);
	ck_assert_uint_eq(pool_processes(&pool), 0);
	close_pool();
}
END_TEST

START_TEST(new_log_is_handed_to_all)
{
	struct channel_message message;
	int ends[WORKERS], tube[2], descriptor;

	open_pool();
	ck_assert_int_eq(pipe(tube), 0);
	ends[0] = pose(0, POOL_LIVING, NOW, false);
	ends[1] = pose(1, POOL_STARTING, NOW, false);
	pool_hand(&pool, POOL_EVERYBODY, CHANNEL_LOG, tube[1]);
	for (int i = 0; i < WORKERS; i++) {
		ck_assert_int_eq(channel_receive(ends[i], &message, &descriptor), 1);
		ck_assert_int_eq(message.word, CHANNEL_LOG);
		ck_assert_int_eq(write(descriptor, "!", 1), 1);
		ck_assert_int_eq(read(tube[0], &(char){0}, 1), 1);
		close(descriptor);
		close(ends[i]);
	}
	pool_kill(&pool);
	close_pool();
}
END_TEST

/* ---- generations ---- */

/* A board with room for more than the two that open_pool wishes for. */
static void open_roomy_pool(void)
{
	open_pool();
	pool_close(&pool);
	board_close(&board);
	ck_assert_int_eq(board_open(&board, 5, config->max_sessions), 0);
	ck_assert_int_eq(pool_open(&pool, config, &board), 0);
	ck_assert_uint_eq(board_slots_used(&board), 0);
	ck_assert_int_eq(pool_want(&pool, &birthright, 1, 2), 0);
}

START_TEST(generation_takes_another_one_s_place)
{
	struct birthright other = birthright;
	struct channel_message message;
	int descriptor, end;

	open_roomy_pool();
	other = birthright;
	ck_assert_uint_eq(board_slots_used(&board), 2);
	ck_assert_int_eq(pool_want(&pool, &other, 2, 4), -ENOSPC);
	ck_assert_int_eq(pool_want(&pool, &other, 2, 2), 0);
	ck_assert_uint_eq(board_slots_used(&board), 4);
	ck_assert(pool.slots[2].birthright == &other && pool.slots[2].generation == 2);
	end = pose(0, POOL_LIVING, NOW, false);
	ck_assert_uint_eq(pool_living(&pool, 1), 1);
	ck_assert_uint_eq(pool_living(&pool, 2), 0);
	pool_retire(&pool, 1);
	ck_assert_int_eq(channel_receive(end, &message, &descriptor), 1);
	ck_assert_int_eq(message.word, CHANNEL_RETIRE);
	ck_assert_int_eq(pool.slots[0].state, POOL_LEAVING);
	/* The slot of the one that leaves is not free yet; that of the one that never came is. */
	ck_assert(pool_slot_matters(&pool.slots[0]) && !pool_slot_matters(&pool.slots[1]));
	kill(pool.slots[0].pid, SIGKILL);
	wait_for_death(pool.slots[0].pid);
	pool_reap(&pool, NOW);
	ck_assert_int_eq(pool.slots[0].state, POOL_VACANT);
	ck_assert(!pool_slot_matters(&pool.slots[0]));
	ck_assert_uint_eq(pool_processes_of(&pool, 1), 0);
	close(end);
	close_pool();
}
END_TEST

START_TEST(generation_that_fails_is_abandoned)
{
	struct birthright other;
	int end;

	open_roomy_pool();
	other = birthright;
	ck_assert_int_eq(pool_want(&pool, &other, 2, 2), 0);
	end = pose(3, POOL_LIVING, NOW, false);
	ck_assert(!pool_has_failed(&pool, 2));
	die(2, POOL_STARTING, 10);
	ck_assert(pool_has_failed(&pool, 2));
	ck_assert(!pool_has_failed(&pool, 1));
	pool_abandon(&pool, 2);
	ck_assert(!pool_has_failed(&pool, 2));
	ck_assert_int_eq(wait_for_death(pool.slots[3].pid), SIGKILL);
	pool_reap(&pool, NOW);
	ck_assert_uint_eq(pool_processes_of(&pool, 2), 0);
	ck_assert_uint_eq(board_slots_used(&board), 2);
	close(end);
	close_pool();
}
END_TEST

/* ---- real workers ---- */

START_TEST(real_workers_get_ready_serve_and_leave)
{
	int client;
	char reply[10];

	open_pool();
	until_doing(pool_count(&pool, POOL_LIVING) == WORKERS, turn());
	ck_assert_int_ne(pool.slots[0].pid, pool.slots[1].pid);
	ck_assert(pool_shows_life(&pool, clock_ms()));
	client = loopback_connect(listening);
	ck_assert_int_eq(send(client, "L\n", 2, 0), 2);
	ck_assert_int_eq(recv(client, reply, 3, MSG_WAITALL), 3);
	ck_assert_mem_eq(reply, "OK ", 3);
	close(client);
	pool_drain(&pool, "");
	until_doing(pool_processes(&pool) == 0, turn());
	ck_assert_uint_eq(pool_count(&pool, POOL_VACANT), WORKERS);
	ck_assert_uint_eq(pool.buried[COUNT_sessions_opened], 1);
	close_pool();
}
END_TEST

START_TEST(killed_worker_is_replaced_at_once)
{
	pid_t before;

	open_pool();
	until_doing(pool_count(&pool, POOL_LIVING) == WORKERS, turn());
	before = pool.slots[1].pid;
	kill(before, SIGKILL);
	wait_for_death(before);
	pool_reap(&pool, clock_ms());
	ck_assert_int_eq(pool.slots[1].state, POOL_VACANT);
	until_doing(pool_count(&pool, POOL_LIVING) == WORKERS, turn());
	ck_assert_int_ne(pool.slots[1].pid, before);
	ck_assert_uint_eq(pool.slots[1].restarts, 1);
	ck_assert_uint_eq(pool.slots[0].restarts, 0);
	pool_drain(&pool, "");
	until_doing(pool_processes(&pool) == 0, turn());
	close_pool();
}
END_TEST

START_TEST(workers_without_a_root_are_hopeless)
{
	open_pool();
	free(config->root);
	config->root = strdup("/no/such/root");
	until_doing(pool_is_hopeless(&pool), turn());
	ck_assert_ptr_nonnull(strstr(pool.failure, "root: No such file or directory"));
	ck_assert_uint_eq(pool_processes(&pool), 0);
	close_pool();
}
END_TEST

SUITE(pool, starts_vacant, good_life_is_followed_at_once, young_deaths_rest_longer_and_longer,
	death_before_readiness_rests, rest_is_kept_and_patience_knows_its_end,
	hopeless_when_every_slot_has_failed_and_none_was_ever_ready, silent_worker_is_aborted,
	new_worker_has_its_time, deaf_worker_is_killed, worker_stuck_in_the_kernel_is_replaced,
	dead_worker_s_counters_are_kept_and_its_rows_wiped, readiness_and_last_words_are_heard,
	nonsense_is_not_obeyed, drain_tells_all_and_makes_no_new_ones, new_log_is_handed_to_all,
	generation_takes_another_one_s_place, generation_that_fails_is_abandoned,
	real_workers_get_ready_serve_and_leave, killed_worker_is_replaced_at_once,
	workers_without_a_root_are_hopeless)
