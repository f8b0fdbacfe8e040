/* What the rooms of the pool know of a slot. Private to them: pool (births), pool_death (deaths and
 * rests), pool_hung (hung workers), pool_channel (talking to workers), pool_generation (who is
 * wanted). */
#ifndef FTPOOL_SUPERVISOR_POOL_SLOT_H
#define FTPOOL_SUPERVISOR_POOL_SLOT_H

#include "supervisor/pool.h"

static inline uint32_t pool_slot_number(const struct pool *pool, const struct pool_slot *slot)
{
	return (uint32_t)(slot - pool->slots);
}

static inline bool pool_slot_has_process(const struct pool_slot *slot)
{
	return slot->state == POOL_STARTING || slot->state == POOL_LIVING ||
	       slot->state == POOL_LEAVING;
}

/* Sends its process a signal. */
void pool_slot_signal(const struct pool_slot *slot, int number);

/* Reads all that the slot's worker has said. */
void pool_slot_hear(struct pool *pool, struct pool_slot *slot);

/* Its process is gone, or never comes back: keeps its counters, wipes its rows, and decides when
 * the next one may be born. */
void pool_slot_bury(struct pool *pool, struct pool_slot *slot, int64_t now_ms);

/* No worker is wanted there any more; the one that is there takes no more clients, and leaves:
 * CHANNEL_RETIRE when its clients have, CHANNEL_DRAIN as pool_drain has it. */
void pool_slot_send_home(struct pool_slot *slot, enum channel_word how);

/* How long a slot rests after so many young deaths in a row. */
int64_t pool_slot_rest_ms(uint32_t young_deaths);

#endif
