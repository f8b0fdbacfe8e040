#include "common/channel.h"
#include "common/log.h"
#include "supervisor/pool_slot.h"

#include <stdio.h>
#include <unistd.h>

/* How often the workers' wear is looked at, and by how much a slot's longest age is off, so that
 * workers which began together do not end together. */
enum { WEAR_LOOK_MS = 1000, JITTER_PERCENT = 10 };

static bool is_wanted_of(const struct pool_slot *slot, uint32_t generation)
{
	return slot->birthright && slot->generation == generation;
}

int pool_resize(
	struct pool *pool, const struct birthright *birthright, uint32_t generation, uint32_t count)
{
	uint32_t have = 0;

	for (uint32_t i = 0; i < pool->slot_count; i++)
		have += is_wanted_of(&pool->slots[i], generation);
	if (have < count)
		return pool_want(pool, birthright, generation, count - have);
	for (uint32_t i = pool->slot_count; i-- > 0 && have > count;) {
		if (!is_wanted_of(&pool->slots[i], generation))
			continue;
		pool_slot_send_home(&pool->slots[i], CHANNEL_RETIRE);
		have--;
	}
	pool_note_use(pool);
	return 0;
}

void pool_replace_slot(struct pool *pool, struct pool_slot *slot, enum channel_word how)
{
	if (!pool_slot_has_process(slot) || slot->state == POOL_LEAVING)
		return;
	if (slot->birthright && pool_want(pool, slot->birthright, slot->generation, 1) < 0) {
		/* No room for two at a time: the next one comes when this one has left. */
		const struct birthright *birthright = slot->birthright;

		pool_slot_send_home(slot, how);
		slot->birthright = birthright;
		return;
	}
	pool_slot_send_home(slot, how);
	pool_note_use(pool);
}

/* ---- wear ---- */

/* What it has for itself, in bytes; 0 when that is not to be known (proc_pid_statm(5)). */
static uint64_t memory_of(pid_t pid)
{
	unsigned long long size, resident, shared;
	char name[64];
	FILE *file;
	int got;

	snprintf(name, sizeof(name), "/proc/%d/statm", (int)pid);
	file = fopen(name, "re");
	if (!file)
		return 0;
	got = fscanf(file, "%llu %llu %llu", &size, &resident, &shared);
	fclose(file);
	if (got != 3 || resident < shared)
		return 0;
	return (resident - shared) * (uint64_t)sysconf(_SC_PAGESIZE);
}

static int64_t longest_life_ms(const struct pool *pool, const struct pool_slot *slot)
{
	int64_t whole = (int64_t)pool->config->worker_max_age_seconds * 1000;
	int64_t part = (int64_t)(pool_slot_number(pool, slot) * 7 % (2 * JITTER_PERCENT + 1));

	return whole * (100 - JITTER_PERCENT + part) / 100;
}

static uint64_t sessions_of(const struct pool *pool, const struct pool_slot *slot)
{
	uint64_t totals[BOARD_COUNTERS] = {0};

	board_add_counters(&pool->board->workers[pool_slot_number(pool, slot)], totals);
	return totals[COUNT_sessions_opened];
}

/* NULL: it may go on. */
static const char *wear_of(const struct pool *pool, const struct pool_slot *slot, int64_t now_ms)
{
	const struct config *config = pool->config;
	if (config->worker_max_age_seconds > 0 &&
		now_ms - slot->since_ms >= longest_life_ms(pool, slot))
		return "age";
	if (config->worker_max_sessions > 0 &&
		sessions_of(pool, slot) >= config->worker_max_sessions)
		return "sessions";
	if (config->worker_max_memory > 0 && memory_of(slot->pid) >= config->worker_max_memory)
		return "memory";
	return NULL;
}

/* Some worker is on its way in: the next one goes when it is there. */
static bool is_in_motion(const struct pool *pool)
{
	for (uint32_t i = 0; i < pool->slot_count; i++) {
		const struct pool_slot *slot = &pool->slots[i];

		if (slot->birthright && slot->state != POOL_LIVING)
			return true;
	}
	return false;
}

/* The oldest of them; NULL: none is. */
static struct pool_slot *find_worn(const struct pool *pool, int64_t now_ms, const char **why)
{
	struct pool_slot *oldest = NULL;

	for (uint32_t i = 0; i < pool->slot_count; i++) {
		struct pool_slot *slot = &pool->slots[i];
		const char *wear = slot->state == POOL_LIVING && slot->birthright
					   ? wear_of(pool, slot, now_ms)
					   : NULL;

		if (!wear || (oldest && oldest->since_ms <= slot->since_ms))
			continue;
		oldest = slot;
		*why = wear;
	}
	return oldest;
}

void pool_replace_worn(struct pool *pool, int64_t now_ms)
{
	struct pool_slot *slot;
	const char *why;

	if (pool->stopping || now_ms - pool->wear_looked_ms < WEAR_LOOK_MS || is_in_motion(pool))
		return;
	pool->wear_looked_ms = now_ms;
	slot = find_worn(pool, now_ms, &why);
	if (!slot)
		return;
	log_info("worker: retires", "worker=%u pid=%d reason=%s", pool_slot_number(pool, slot),
		(int)slot->pid, why);
	pool_replace_slot(pool, slot, CHANNEL_RETIRE);
}
