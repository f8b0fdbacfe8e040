#include "supervisor/pool.h"

#include "common/log.h"
#include "supervisor/birth.h"
#include "supervisor/pool_slot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LOOK_MS = 1000 };

const char *const pool_state_names[] = {[POOL_VACANT] = "vacant",
	[POOL_STARTING] = "starting",
	[POOL_LIVING] = "living",
	[POOL_LEAVING] = "leaving",
	[POOL_RESTING] = "resting"};

int pool_open(struct pool *pool, const struct config *config, const struct board *board,
	const int *listeners)
{
	*pool = (struct pool){.config = config,
		.board = board,
		.listeners = listeners,
		.questions = -1,
		.xferlog = -1};
	pool->slots = calloc(config->workers, sizeof(pool->slots[0]));
	if (!pool->slots)
		return -ENOMEM;
	for (uint32_t i = 0; i < config->workers; i++)
		pool->slots[i].channel = -1;
	return 0;
}

void pool_close(struct pool *pool)
{
	for (uint32_t i = 0; pool->slots && i < pool->config->workers; i++) {
		if (pool->slots[i].channel >= 0)
			close(pool->slots[i].channel);
	}
	free(pool->slots);
	pool->slots = NULL;
	if (pool->xferlog >= 0)
		close(pool->xferlog);
	pool->xferlog = -1;
}

uint32_t pool_count(const struct pool *pool, enum pool_state state)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < pool->config->workers; i++)
		count += pool->slots[i].state == state;
	return count;
}

uint32_t pool_processes(const struct pool *pool)
{
	return pool_count(pool, POOL_STARTING) + pool_count(pool, POOL_LIVING) +
	       pool_count(pool, POOL_LEAVING);
}

bool pool_is_hopeless(const struct pool *pool)
{
	return !pool->ever_ready && pool->worker_failed_to_start &&
	       pool_count(pool, POOL_RESTING) == pool->config->workers;
}

static void give_birth(struct pool *pool, struct pool_slot *slot, int64_t now_ms)
{
	uint32_t number = pool_slot_number(pool, slot);
	struct birthright birthright = {.config = pool->config,
		.board = pool->board,
		.slot = number,
		.bans = pool->bans,
		.questions = pool->questions,
		.xferlog = pool->xferlog,
		.tls = pool->tls,
		.buckets = pool->buckets,
		.listeners = pool->listeners};
	pid_t pid = birth_fork(&birthright, &slot->channel);

	if (pid < 0) {
		log_error("worker: cannot be forked", "worker=%u error=\"%s\"", number,
			strerror(-pid));
		slot->state = POOL_RESTING;
		slot->young_deaths++;
		slot->rest_until_ms = now_ms + pool_slot_rest_ms(slot->young_deaths);
		return;
	}
	slot->restarts += slot->since_ms != 0;
	slot->state = POOL_STARTING;
	slot->pid = pid;
	slot->since_ms = now_ms;
}

void pool_fill(struct pool *pool, int64_t now_ms)
{
	for (uint32_t i = 0; i < pool->config->workers && !pool->stopping; i++) {
		struct pool_slot *slot = &pool->slots[i];

		if (slot->state == POOL_RESTING && now_ms >= slot->rest_until_ms)
			slot->state = POOL_VACANT;
		if (slot->state == POOL_VACANT && !pool_is_hopeless(pool))
			give_birth(pool, slot, now_ms);
	}
}

int pool_patience(const struct pool *pool, int64_t now_ms)
{
	int64_t patience = LOOK_MS;

	for (uint32_t i = 0; i < pool->config->workers; i++) {
		const struct pool_slot *slot = &pool->slots[i];

		if (slot->state == POOL_RESTING && slot->rest_until_ms - now_ms < patience)
			patience = slot->rest_until_ms - now_ms;
	}
	return patience > 0 ? (int)patience : 0;
}
