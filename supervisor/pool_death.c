#include "common/back_off.h"
#include "common/log.h"
#include "supervisor/pool_slot.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { GOOD_LIFE_MS = 10000, REST_SHORTEST_MS = 100, REST_LONGEST_MS = 30000 };

/* 0.1 s, doubling to 30 s, give or take a fifth, so that slots which fell together do not rise
 * together. */
int64_t pool_slot_rest_ms(uint32_t young_deaths)
{
	int64_t rest = back_off_ms(young_deaths, REST_SHORTEST_MS, REST_LONGEST_MS);

	return rest * (80 + random() % 41) / 100;
}

/* What comes after a death. A worker that had a good life, or that fell young for the first time
 * after it was ready, is replaced at once. */
static void leave_vacant(struct pool *pool, struct pool_slot *slot, int64_t now_ms)
{
	bool young = now_ms - slot->since_ms < GOOD_LIFE_MS;
	bool was_ready = slot->state != POOL_STARTING;

	if (!slot->birthright)
		young = false;
	slot->young_deaths = young && !pool->stopping ? slot->young_deaths + 1 : 0;
	slot->state = POOL_VACANT;
	if (slot->young_deaths > 1 || (slot->young_deaths == 1 && !was_ready)) {
		slot->state = POOL_RESTING;
		slot->rest_until_ms = now_ms + pool_slot_rest_ms(slot->young_deaths);
	}
}

/* A pid may be somebody else's by now when its process was not ours to bury. Of our own the first
 * thread is meant: it is the one that shows no life when a worker hangs, so that the backtrace that
 * SIGABRT leaves is to be that one's. */
void pool_slot_signal(const struct pool_slot *slot, int number)
{
	if (slot->process > 0)
		(void)syscall(SYS_pidfd_send_signal, slot->process, number, NULL, 0);
	else
		tgkill(slot->pid, slot->pid, number);
}

static void wipe_row(struct pool *pool, uint32_t number)
{
	board_add_counters(&pool->board->workers[number], pool->buried);
	tally_add_worker(pool->buried_listeners, &pool->board->workers[number]);
	board_wipe_worker(pool->board, number);
}

void pool_wipe_strangers(struct pool *pool, uint32_t used)
{
	for (uint32_t i = 0; i < pool->slot_count && i < used; i++) {
		if (!pool_slot_has_process(&pool->slots[i]))
			wipe_row(pool, i);
	}
}

void pool_slot_bury(struct pool *pool, struct pool_slot *slot, int64_t now_ms)
{
	uint32_t number = pool_slot_number(pool, slot);

	slot->failed = slot->state == POOL_STARTING;
	if (slot->failed)
		pool->worker_failed_to_start = true;
	wipe_row(pool, number);
	if (pool->mourner && slot->pid > 0)
		pool->mourner(pool->stranger_context, slot->pid);
	if (slot->channel >= 0)
		close(slot->channel);
	slot->channel = -1;
	if (slot->words > 0)
		close(slot->words);
	slot->words = 0;
	if (slot->process > 0)
		close(slot->process);
	slot->process = 0;
	leave_vacant(pool, slot, now_ms);
	slot->pid = 0;
	slot->shot_ms = 0;
	slot->killed = false;
	slot->unseen = false;
	pool_note_use(pool);
}

static void log_death(
	const struct pool *pool, const struct pool_slot *slot, int status, int64_t now_ms)
{
	uint32_t number = pool_slot_number(pool, slot);
	uint32_t sessions = atomic_load(&pool->board->workers[number].sessions);
	double age = (double)(now_ms - slot->since_ms) / 1000;

	if (WIFSIGNALED(status))
		log_error("worker: killed",
			"worker=%u pid=%d signal=%d name=\"%s\" age=%.1f "
			"sessions=%u",
			number, (int)slot->pid, WTERMSIG(status), strsignal(WTERMSIG(status)), age,
			sessions);
	else if (WEXITSTATUS(status) != 0)
		log_error("worker: failed", "worker=%u pid=%d status=%d age=%.1f", number,
			(int)slot->pid, WEXITSTATUS(status), age);
	else
		log_info("worker: left", "worker=%u pid=%d age=%.1f", number, (int)slot->pid, age);
}

/* Before its rows are wiped. A worker that was killed in order to be replaced is no crash. */
static void note_crash(struct pool *pool, const struct pool_slot *slot, int status, int64_t now_ms)
{
	const struct crash facts = {.worker = pool_slot_number(pool, slot),
		.pid = slot->pid,
		.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0,
		.hung = slot->shot_ms != 0,
		.age_ms = now_ms - slot->since_ms};

	if (WIFSIGNALED(status) && !(facts.signal == SIGKILL && slot->state == POOL_LEAVING))
		crashes_note(
			&pool->crashes, &facts, pool->board, slot->words > 0 ? slot->words : -1);
}

static struct pool_slot *slot_of(const struct pool *pool, pid_t pid)
{
	for (uint32_t i = 0; i < pool->slot_count; i++) {
		if (pool->slots[i].pid == pid)
			return &pool->slots[i];
	}
	return NULL;
}

/* No worker: the authenticator, or a child with an errand; or a worker that was stuck in the kernel
 * and has come loose, replaced long ago. */
static void bury_stranger(const struct pool *pool, pid_t pid, int status, int64_t now_ms)
{
	if (pool->stranger && pool->stranger(pool->stranger_context, pid, status, now_ms))
		return;
	if (WIFSIGNALED(status))
		log_info("master: a child that is no worker was killed", "pid=%d signal=%d",
			(int)pid, WTERMSIG(status));
}

/* Those of a master that is gone have another parent, who alone knows what they died of. */
static void reap_stepchildren(struct pool *pool, int64_t now_ms)
{
	for (uint32_t i = 0; i < pool->slot_count; i++) {
		struct pool_slot *slot = &pool->slots[i];
		struct pollfd end = {.fd = slot->process, .events = POLLIN};

		if (slot->process <= 0 || poll(&end, 1, 0) <= 0)
			continue;
		pool_slot_hear(pool, slot);
		log_info("worker: gone", "worker=%u pid=%d age=%.1f", i, (int)slot->pid,
			(double)(now_ms - slot->since_ms) / 1000);
		pool_slot_bury(pool, slot, now_ms);
	}
}

void pool_reap(struct pool *pool, int64_t now_ms)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct pool_slot *slot = slot_of(pool, pid);

		if (!slot) {
			bury_stranger(pool, pid, status, now_ms);
			continue;
		}
		pool_slot_hear(pool, slot);
		log_death(pool, slot, status, now_ms);
		note_crash(pool, slot, status, now_ms);
		pool_slot_bury(pool, slot, now_ms);
	}
	reap_stepchildren(pool, now_ms);
}
