#include "common/log.h"
#include "supervisor/pool_slot.h"

#include <signal.h>
#include <string.h>

enum { ABORT_GRACE_MS = 2000, KILL_GRACE_MS = 2000, ASLEEP_MS = 3000, SILENT_MS = 3000 };

static int64_t last_sign_of_life(
	const struct pool *pool, const struct pool_slot *slot, int64_t now_ms)
{
	int64_t beat =
		atomic_load(&pool->board->workers[pool_slot_number(pool, slot)].heartbeat_ms);

	int64_t earliest =
		slot->since_ms > pool->awake_since_ms ? slot->since_ms : pool->awake_since_ms;

	if (beat < earliest)
		return earliest;
	return beat > now_ms ? now_ms : beat;
}

static bool is_silent(const struct pool *pool, const struct pool_slot *slot, int64_t now_ms)
{
	return now_ms - last_sign_of_life(pool, slot, now_ms) >=
	       (int64_t)pool->config->worker_timeout_seconds * 1000;
}

bool pool_is_silent(const struct pool *pool, uint32_t slot, int64_t now_ms)
{
	return now_ms - last_sign_of_life(pool, &pool->slots[slot], now_ms) >= SILENT_MS;
}

static void shoot(
	const struct pool *pool, struct pool_slot *slot, int signal_number, int64_t now_ms)
{
	log_error("worker: hung", "worker=%u pid=%d silent=%.1f sending=\"%s\"",
		pool_slot_number(pool, slot), (int)slot->pid,
		(double)(now_ms - last_sign_of_life(pool, slot, now_ms)) / 1000,
		strsignal(signal_number));
	pool_slot_signal(slot, signal_number);
	/* One that is stopped (SIGSTOP, a debugger that went away) would never come to take it. */
	pool_slot_signal(slot, SIGCONT);
	slot->killed = signal_number == SIGKILL;
	slot->shot_ms = now_ms;
}

static void shoot_if_stuck(struct pool *pool, struct pool_slot *slot, int64_t now_ms)
{
	if (!slot->shot_ms) {
		if (is_silent(pool, slot, now_ms))
			shoot(pool, slot, SIGABRT, now_ms);
	} else if (!slot->killed) {
		if (now_ms - slot->shot_ms >= ABORT_GRACE_MS)
			shoot(pool, slot, SIGKILL, now_ms);
	} else if (now_ms - slot->shot_ms >= KILL_GRACE_MS) {
		/* It will never run again, but the kernel has not let go of it: most likely
		 * storage that does not answer. */
		log_error("worker: stuck in the kernel", "worker=%u pid=%d",
			pool_slot_number(pool, slot), (int)slot->pid);
		pool_slot_bury(pool, slot, now_ms);
	}
}

/* A master that was stopped or frozen itself (Ctrl-Z, a debugger, a paused container) cannot tell
 * who is hung: most likely all were frozen with it, and all begin anew. */
static void note_look(struct pool *pool, int64_t now_ms)
{
	if (now_ms - pool->looked_ms > ASLEEP_MS)
		pool->awake_since_ms = now_ms;
	pool->looked_ms = now_ms;
}

void pool_shoot_stuck(struct pool *pool, int64_t now_ms)
{
	note_look(pool, now_ms);
	for (uint32_t i = 0; i < pool->slot_count; i++) {
		if (pool_slot_has_process(&pool->slots[i]) && !pool->slots[i].unseen)
			shoot_if_stuck(pool, &pool->slots[i], now_ms);
	}
}

bool pool_shows_life(const struct pool *pool, int64_t now_ms)
{
	for (uint32_t i = 0; i < pool->slot_count; i++) {
		const struct pool_slot *slot = &pool->slots[i];

		if (pool_slot_has_process(slot) && !is_silent(pool, slot, now_ms))
			return true;
	}
	return false;
}
