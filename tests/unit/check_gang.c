#include "worker/gang.h"

#include "tests/unit/suite.h"
#include "tests/unit/until.h"

#include <errno.h>
#include <semaphore.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

static struct gang *gang;
static struct board_worker row;

/* Something to do: `ready` counts itself, and waits for the gate if there is one. */
struct job {
	struct watch watch;
	int event;
	bool steps_out;
	sem_t *gate;
};

static _Atomic unsigned int inside, done;

static void work(struct watch *watch, uint32_t events)
{
	struct job *job = (struct job *)watch;

	(void)events;
	if (job->steps_out)
		gang_leave(gang);
	atomic_fetch_add(&inside, 1);
	if (job->gate)
		sem_wait(job->gate);
	atomic_fetch_sub(&inside, 1);
	if (job->steps_out)
		gang_rejoin(gang);
	atomic_fetch_add(&done, 1);
}

static void start(uint32_t max_threads)
{
	ck_assert_int_eq(gang_start(&gang, max_threads, &row), 0);
}

static void add_job(struct job *job, bool steps_out, sem_t *gate)
{
	*job = (struct job){
		.watch.ready = work, .event = eventfd(0, 0), .steps_out = steps_out, .gate = gate};
	ck_assert_int_eq(gang_add(gang, job->event, EPOLLIN | EPOLLONESHOT, &job->watch), 0);
}

static void set_off(const struct job *job)
{
	uint64_t one = 1;

	ck_assert_int_eq(write(job->event, &one, sizeof(one)), sizeof(one));
}

static bool alarm_rings(void)
{
	struct pollfd watch = {.fd = gang_alarm(gang), .events = POLLIN};

	return poll(&watch, 1, 0) == 1;
}

START_TEST(first_threads_are_there)
{
	start(100);
	ck_assert_uint_ge(row.threads, 1);
	ck_assert_uint_le(row.threads, 100);
	ck_assert_uint_eq(row.counters[COUNT_threads_started], row.threads);
}
END_TEST

START_TEST(one_thread_is_enough)
{
	struct job jobs[5];

	start(1);
	ck_assert_uint_eq(row.threads, 1);
	for (int i = 0; i < 5; i++) {
		add_job(&jobs[i], true, NULL);
		set_off(&jobs[i]);
	}
	until(done == 5);
	ck_assert_uint_eq(row.threads, 1);
}
END_TEST

START_TEST(each_event_is_worked_off_once)
{
	enum { MANY = 500 };
	static struct job jobs[MANY];

	start(100);
	for (int i = 0; i < MANY; i++) {
		add_job(&jobs[i], i % 2, NULL);
		set_off(&jobs[i]);
	}
	until(done == MANY);
	ck_assert_uint_eq(inside, 0);
}
END_TEST

START_TEST(oneshot_sleeps_until_it_is_rearmed)
{
	struct job job, other;

	start(100);
	add_job(&job, false, NULL);
	add_job(&other, false, NULL);
	set_off(&job);
	until(done == 1);
	set_off(&job);
	set_off(&other);
	until(done == 2);
	ck_assert_int_eq(gang_rearm(gang, job.event, EPOLLIN | EPOLLONESHOT, &job.watch), 0);
	until(done == 3);
}
END_TEST

START_TEST(what_was_taken_out_brings_nothing)
{
	struct job job, other;

	start(100);
	add_job(&job, false, NULL);
	add_job(&other, false, NULL);
	gang_remove(gang, job.event);
	set_off(&job);
	set_off(&other);
	until(done == 1);
	ck_assert_int_eq(gang_rearm(gang, job.event, EPOLLIN, &job.watch), -ENOENT);
	ck_assert_int_eq(gang_add(gang, -1, EPOLLIN, &job.watch), -EBADF);
	ck_assert_int_eq(gang_add(gang, other.event, EPOLLIN, &job.watch), -EEXIST);
}
END_TEST

/* Everybody steps out: whoever comes next still finds a thread. */
START_TEST(threads_start_when_all_are_away)
{
	enum { MANY = 50 };
	static struct job jobs[MANY];
	static sem_t gate;

	sem_init(&gate, 0, 0);
	start(MANY + 10);
	for (unsigned int i = 0; i < MANY; i++) {
		add_job(&jobs[i], true, &gate);
		set_off(&jobs[i]);
		until_doing(inside == i + 1, gang_tick(gang));
	}
	ck_assert_uint_gt(row.threads, MANY - 1);
	ck_assert_uint_le(row.threads, MANY + 10);
	for (int i = 0; i < MANY; i++)
		sem_post(&gate);
	until(done == MANY);
}
END_TEST

/* They do not step out, being busy: the monitor's ticks bring help. */
START_TEST(ticks_start_threads_when_all_are_busy)
{
	enum { MANY = 20 };
	static struct job jobs[MANY];
	static sem_t gate;

	sem_init(&gate, 0, 0);
	start(MANY + 10);
	for (unsigned int i = 0; i < MANY; i++) {
		add_job(&jobs[i], false, &gate);
		set_off(&jobs[i]);
	}
	until_doing(inside == MANY, gang_tick(gang));
	for (int i = 0; i < MANY; i++)
		sem_post(&gate);
	until(done == MANY);
}
END_TEST

START_TEST(max_is_kept_to)
{
	enum { MOST = 6, MANY = 20 };
	static struct job jobs[MANY];
	static sem_t gate;

	sem_init(&gate, 0, 0);
	start(MOST);
	for (unsigned int i = 0; i < MANY; i++) {
		add_job(&jobs[i], i % 2, &gate);
		set_off(&jobs[i]);
	}
	until_doing(inside == MOST, gang_tick(gang));
	for (int i = 0; i < 10; i++) {
		gang_tick(gang);
		ck_assert_uint_le(row.threads, MOST);
		ck_assert_uint_le(inside, MOST);
	}
	ck_assert_uint_eq(row.counters[COUNT_threads_started], MOST);
	for (int i = 0; i < MANY; i++)
		sem_post(&gate);
	until(done == MANY);
	ck_assert_uint_le(row.threads, MOST);
}
END_TEST

START_TEST(surplus_ends)
{
	enum { MANY = 30 };
	static struct job jobs[MANY];
	static sem_t gate;
	uint32_t fewest;

	sem_init(&gate, 0, 0);
	start(MANY + 10);
	fewest = row.threads;
	for (unsigned int i = 0; i < MANY; i++) {
		add_job(&jobs[i], true, &gate);
		set_off(&jobs[i]);
	}
	until_doing(inside == MANY, gang_tick(gang));
	for (int i = 0; i < MANY; i++)
		sem_post(&gate);
	until(done == MANY);
	until_doing(row.threads == fewest, gang_tick(gang));
	/* Those who stay still work. */
	add_job(&jobs[0], false, NULL);
	set_off(&jobs[0]);
	until(done == MANY + 1);
}
END_TEST

START_TEST(alarm_rings_when_nobody_is_left_waiting)
{
	static struct job jobs[100];
	static sem_t gate;
	unsigned int busy = 0;

	sem_init(&gate, 0, 0);
	start(200);
	until_doing(!gang_wants_ticks(gang) && !alarm_rings(), gang_tick(gang));
	while (!gang_wants_ticks(gang)) {
		ck_assert_uint_lt(busy, 100);
		add_job(&jobs[busy], false, &gate);
		set_off(&jobs[busy++]);
		until(inside == busy);
	}
	until(alarm_rings());
	/* Ticks are wanted until somebody waits again. */
	gang_tick(gang);
	for (unsigned int i = 0; i < busy; i++)
		sem_post(&gate);
	until(done == busy);
	until_doing(!gang_wants_ticks(gang) && !alarm_rings(), gang_tick(gang));
}
END_TEST

START_TEST(stepping_out_may_be_nested_and_is_nothing_to_others)
{
	gang_leave(NULL);
	gang_rejoin(NULL);
	start(4);
	for (int i = 0; i < 100; i++)
		gang_leave(gang);
	ck_assert_uint_le(row.threads, 4);
	for (int i = 0; i < 100; i++)
		gang_rejoin(gang);
}
END_TEST

START_TEST(it_is_spread_thin_when_two_more_are_all_there_may_be)
{
	struct job jobs[4];
	sem_t gate;

	sem_init(&gate, 0, 0);
	start(5);
	for (unsigned int i = 0; i < 4; i++) {
		ck_assert(!gang_is_spread_thin(gang));
		add_job(&jobs[i], true, &gate);
		set_off(&jobs[i]);
		until(inside == i + 1);
	}
	ck_assert(gang_is_spread_thin(gang));
	sem_post(&gate);
	until(done == 1);
	ck_assert(!gang_is_spread_thin(gang));
	for (int i = 0; i < 3; i++)
		sem_post(&gate);
	until(done == 4);
}
END_TEST

static void leave_twice(struct watch *watch, uint32_t events)
{
	(void)watch;
	(void)events;
	gang_leave(gang);
	gang_leave(gang);
	gang_leave(NULL);
	gang_rejoin(NULL);
	gang_rejoin(gang);
	gang_rejoin(gang);
	atomic_fetch_add(&done, 1);
}

START_TEST(nested_steps_cost_no_thread)
{
	enum { MANY = 100 };
	/* The last event may come when the test is over. */
	static struct watch watch = {.ready = leave_twice};
	static struct job job;

	start(1);
	add_job(&job, false, NULL);
	gang_remove(gang, job.event);
	set_off(&job);
	ck_assert_int_eq(gang_add(gang, job.event, EPOLLIN | EPOLLONESHOT, &watch), 0);
	for (unsigned int i = 1; i <= MANY; i++) {
		until(done == i);
		ck_assert_int_eq(gang_rearm(gang, job.event, EPOLLIN | EPOLLONESHOT, &watch), 0);
	}
	ck_assert_uint_eq(row.threads, 1);
}
END_TEST

SUITE(gang, first_threads_are_there, one_thread_is_enough, each_event_is_worked_off_once,
	oneshot_sleeps_until_it_is_rearmed, what_was_taken_out_brings_nothing,
	threads_start_when_all_are_away, ticks_start_threads_when_all_are_busy, max_is_kept_to,
	surplus_ends, alarm_rings_when_nobody_is_left_waiting,
	it_is_spread_thin_when_two_more_are_all_there_may_be,
	stepping_out_may_be_nested_and_is_nothing_to_others, nested_steps_cost_no_thread)
