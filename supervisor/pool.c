#include "supervisor/pool.h"

#include "common/log.h"
#include "supervisor/birth.h"
#include "supervisor/pool_slot.h"
#include "supervisor/tidings.h"

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

int pool_open(struct pool *pool, const struct config *config, const struct board *board)
{
	*pool = (struct pool){.config = config, .board = board, .slot_count = board->worker_count};
	pool->slots = calloc(pool->slot_count, sizeof(pool->slots[0]));
	if (!pool->slots)
		return -ENOMEM;
	for (uint32_t i = 0; i < pool->slot_count; i++)
		pool->slots[i].channel = -1;
	board_use_slots(board, 0);
	return 0;
}

void pool_close(struct pool *pool)
{
	for (uint32_t i = 0; pool->slots && i < pool->slot_count; i++) {
		if (pool->slots[i].channel >= 0)
			close(pool->slots[i].channel);
		if (pool->slots[i].words > 0)
			close(pool->slots[i].words);
		if (pool->slots[i].process > 0)
			close(pool->slots[i].process);
	}
	free(pool->slots);
	pool->slots = NULL;
	crashes_close(&pool->crashes);
}

uint32_t pool_count(const struct pool *pool, enum pool_state state)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < pool->slot_count; i++)
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
	uint32_t wanted = 0;

	for (uint32_t i = 0; i < pool->slot_count; i++)
		wanted += pool->slots[i].birthright != NULL;
	return !pool->ever_ready && pool->worker_failed_to_start &&
	       pool_count(pool, POOL_RESTING) == wanted;
}

/* 0: it will have none, which is no reason not to serve. */
static int open_words(uint32_t number)
{
	int words = crashes_open_words();

	if (words < 0)
		log_warning("worker: no memory for its last words", "worker=%u error=\"%s\"",
			number, strerror(-words));
	return words > 0 ? words : 0;
}

static void give_birth(struct pool *pool, struct pool_slot *slot, int64_t now_ms)
{
	uint32_t number = pool_slot_number(pool, slot);
	struct birthright birthright = *slot->birthright;

	birthright.slot = number;
	slot->words = birthright.words = open_words(number);

	int error = pool->tidings
			    ? tidings_give(pool->tidings, birthright.config, &birthright.events)
			    : 0;
	pid_t pid = error < 0 ? error : birth_fork(&birthright, &slot->channel);

	if (birthright.events >= 0)
		close(birthright.events);
	if (pid < 0) {
		if (slot->words > 0)
			close(slot->words);
		slot->words = 0;
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
	for (uint32_t i = 0; i < pool->slot_count && !pool->stopping; i++) {
		struct pool_slot *slot = &pool->slots[i];

		if (slot->state == POOL_RESTING && now_ms >= slot->rest_until_ms)
			slot->state = POOL_VACANT;
		if (slot->state == POOL_VACANT && slot->birthright && !pool_is_hopeless(pool))
			give_birth(pool, slot, now_ms);
	}
}

bool pool_is_down(const struct pool *pool)
{
	return pool_count(pool, POOL_LIVING) == 0 && pool_count(pool, POOL_STARTING) == 0 &&
	       pool_count(pool, POOL_RESTING) > 0;
}

int pool_patience(const struct pool *pool, int64_t now_ms)
{
	int64_t patience = LOOK_MS;

	for (uint32_t i = 0; i < pool->slot_count; i++) {
		const struct pool_slot *slot = &pool->slots[i];

		if (slot->state == POOL_RESTING && slot->rest_until_ms - now_ms < patience)
			patience = slot->rest_until_ms - now_ms;
	}
	return patience > 0 ? (int)patience : 0;
}
