#include "worker/limits.h"

#include "common/clock.h"

/* Nothing is left to a worker that has shown no life for so long. */
enum { SILENT_MS = 3000 };

static uint32_t bucket_of(const struct address *peer)
{
	return address_host_hash(peer) % BOARD_ADDRESS_BUCKETS;
}

uint32_t limits_sessions(const struct engine *engine)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < engine->board->worker_count; i++)
		sum += atomic_load(&engine->board->workers[i].sessions);
	return sum;
}

static uint32_t bucket_sum(const struct engine *engine, uint32_t bucket)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < engine->board->worker_count; i++)
		sum += atomic_load(&engine->board->workers[i].addresses[bucket]);
	return sum;
}

static uint32_t strangers_of_worker(
	const struct board *board, uint32_t slot, const struct address *peer)
{
	struct board_activity activity;
	uint32_t count = 0;
	uint64_t bytes;

	for (uint32_t i = 0; i < board_rows_used(board, slot); i++) {
		if (board_session_read(board_session(board, slot, i), &activity, &bytes) &&
			bucket_of(&activity.peer) == bucket_of(peer) &&
			!address_same_host(&activity.peer, peer))
			count++;
	}
	return count;
}

/* Sessions of other addresses that fall into the same bucket. */
static uint32_t strangers(const struct engine *engine, const struct address *peer)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < engine->board->worker_count; i++)
		count += strangers_of_worker(engine->board, i, peer);
	return count;
}

static bool address_is_full(const struct engine *engine, const struct address *peer)
{
	uint32_t most = engine->config->max_sessions_per_address;
	uint32_t sum;

	if (most == 0)
		return false;
	sum = bucket_sum(engine, bucket_of(peer));
	return sum > most && sum - strangers(engine, peer) > most;
}

enum limits_verdict limits_claim(const struct engine *engine, const struct address *peer)
{
	enum limits_verdict verdict = LIMITS_GRANTED;

	atomic_fetch_add(&engine->row->sessions, 1);
	atomic_fetch_add(&engine->row->addresses[bucket_of(peer)], 1);
	if (limits_sessions(engine) > engine->config->max_sessions)
		verdict = LIMITS_SERVER_FULL;
	else if (address_is_full(engine, peer))
		verdict = LIMITS_ADDRESS_FULL;
	if (verdict != LIMITS_GRANTED)
		limits_release(engine, peer);
	return verdict;
}

void limits_release(const struct engine *engine, const struct address *peer)
{
	atomic_fetch_sub(&engine->row->addresses[bucket_of(peer)], 1);
	atomic_fetch_sub(&engine->row->sessions, 1);
}

bool limits_another_has_fewer(const struct engine *engine, uint32_t sessions)
{
	int64_t now = clock_ms();

	for (uint32_t i = 0; i < engine->board->worker_count; i++) {
		const struct board_worker *row = &engine->board->workers[i];

		if (i != engine->slot && atomic_load(&row->accepting) &&
			now - atomic_load(&row->heartbeat_ms) < SILENT_MS &&
			atomic_load(&row->sessions) < sessions)
			return true;
	}
	return false;
}
