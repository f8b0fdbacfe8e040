#include "supervisor/pool_slot.h"

#include "common/channel.h"

#include <errno.h>
#include <signal.h>

bool pool_slot_matters(const struct pool_slot *slot)
{
	return slot->birthright || pool_slot_has_process(slot);
}

void pool_note_use(const struct pool *pool)
{
	uint32_t used = pool->slot_count;

	while (used > 0 && !pool_slot_matters(&pool->slots[used - 1]))
		used--;
	board_use_slots(pool->board, used);
}

int pool_want(
	struct pool *pool, const struct birthright *birthright, uint32_t generation, uint32_t count)
{
	uint32_t room = 0;

	for (uint32_t i = 0; i < pool->slot_count; i++)
		room += !pool_slot_matters(&pool->slots[i]);
	if (room < count)
		return -ENOSPC;
	for (uint32_t i = 0; i < pool->slot_count && count > 0; i++) {
		if (pool_slot_matters(&pool->slots[i]))
			continue;
		pool->slots[i] = (struct pool_slot){
			.birthright = birthright, .generation = generation, .channel = -1};
		count--;
	}
	pool_note_use(pool);
	return 0;
}

static bool is_of(const struct pool_slot *slot, uint32_t generation)
{
	return slot->generation == generation && pool_slot_matters(slot);
}

static void dismiss(struct pool_slot *slot)
{
	slot->birthright = NULL;
	if (slot->state == POOL_RESTING)
		slot->state = POOL_VACANT;
}

void pool_slot_send_home(struct pool_slot *slot, enum channel_word how)
{
	dismiss(slot);
	if (!pool_slot_has_process(slot))
		return;
	(void)channel_send(slot->channel, CHANNEL_RETIRE, "", -1);
	if (how == CHANNEL_DRAIN)
		(void)channel_send(slot->channel, CHANNEL_DRAIN, "", -1);
	slot->state = POOL_LEAVING;
}

void pool_retire(struct pool *pool, uint32_t generation)
{
	for (uint32_t i = 0; i < pool->slot_count; i++) {
		struct pool_slot *slot = &pool->slots[i];

		if (is_of(slot, generation))
			pool_slot_send_home(slot, CHANNEL_RETIRE);
	}
}

void pool_abandon(struct pool *pool, uint32_t generation)
{
	for (uint32_t i = 0; i < pool->slot_count; i++) {
		struct pool_slot *slot = &pool->slots[i];

		if (!is_of(slot, generation))
			continue;
		dismiss(slot);
		if (!pool_slot_has_process(slot))
			continue;
		pool_slot_signal(slot, SIGKILL);
		slot->state = POOL_LEAVING;
	}
}

bool pool_has_failed(const struct pool *pool, uint32_t generation)
{
	for (uint32_t i = 0; i < pool->slot_count; i++) {
		if (is_of(&pool->slots[i], generation) && pool->slots[i].failed)
			return true;
	}
	return false;
}

uint32_t pool_living(const struct pool *pool, uint32_t generation)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < pool->slot_count; i++)
		count += is_of(&pool->slots[i], generation) && pool->slots[i].state == POOL_LIVING;
	return count;
}

bool pool_accepts(const struct pool *pool, uint32_t generation)
{
	for (uint32_t i = 0; i < pool->slot_count; i++) {
		const struct pool_slot *slot = &pool->slots[i];

		if (is_of(slot, generation) && pool_slot_has_process(slot) && !slot->unseen &&
			atomic_load(&pool->board->workers[i].accepting) != BOARD_ACCEPTS_NONE)
			return true;
	}
	return false;
}

uint32_t pool_processes_of(const struct pool *pool, uint32_t generation)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < pool->slot_count; i++)
		count += is_of(&pool->slots[i], generation) &&
			 pool_slot_has_process(&pool->slots[i]);
	return count;
}
