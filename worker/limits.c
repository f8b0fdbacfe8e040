#include "worker/limits.h"

#include "common/clock.h"

#include <poll.h>

/* Nothing is left to a worker that has shown no life for so long. */
enum { SILENT_MS = 3000 };

enum { CLAIMS_MOST = 10 };

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

/* The sessions on the board that fall into a peer's bucket. */
struct crowd {
	uint32_t friends; /* of his own address */
	uint32_t strangers;
};

static void look_at_worker(
	const struct board *board, uint32_t slot, const struct address *peer, struct crowd *crowd)
{
	struct board_activity activity;
	uint64_t bytes;

	for (uint32_t i = 0; i < board_rows_used(board, slot); i++) {
		if (!board_session_read(board_session(board, slot, i), &activity, &bytes) ||
			bucket_of(&activity.peer) != bucket_of(peer))
			continue;
		if (address_same_host(&activity.peer, peer))
			crowd->friends++;
		else
			crowd->strangers++;
	}
}

enum fullness { HAS_ROOM, IS_FULL, IS_UNCLEAR };

/* The bucket counts him already, and those who come and go and are not on the board: one look
 * cannot tell whether these are friends. */
static enum fullness address_fullness(const struct engine *engine, const struct address *peer)
{
	uint32_t most = engine->config->max_sessions_per_address;
	uint32_t sum = bucket_sum(engine, bucket_of(peer));
	struct crowd crowd = {0};

	if (most == 0 || sum <= most)
		return HAS_ROOM;
	for (uint32_t i = 0; i < engine->board->worker_count; i++)
		look_at_worker(engine->board, i, peer, &crowd);
	if (crowd.friends >= most)
		return IS_FULL;
	if (bucket_sum(engine, bucket_of(peer)) != sum || sum > most + crowd.strangers)
		return IS_UNCLEAR;
	return HAS_ROOM;
}

/* The same for the server: those who are claiming may be refused, and then there is room. */
static enum fullness server_fullness(const struct engine *engine)
{
	uint32_t most = engine->config->max_sessions;
	uint32_t sum = limits_sessions(engine), claiming = 0;

	if (sum <= most)
		return HAS_ROOM;
	for (uint32_t i = 0; i < engine->board->worker_count; i++)
		claiming += atomic_load(&engine->board->workers[i].claiming);
	return claiming > sum || sum - claiming < most ? IS_UNCLEAR : IS_FULL;
}

/* What is sure comes before what is not. */
static enum limits_verdict judge(
	const struct engine *engine, const struct address *peer, enum fullness *fullness)
{
	enum fullness server = server_fullness(engine);

	*fullness = server;
	if (server == IS_FULL)
		return LIMITS_SERVER_FULL;
	*fullness = address_fullness(engine, peer);
	if (*fullness != HAS_ROOM)
		return LIMITS_ADDRESS_FULL;
	*fullness = server;
	return server == HAS_ROOM ? LIMITS_GRANTED : LIMITS_SERVER_FULL;
}

static enum limits_verdict claim_once(
	const struct engine *engine, const struct address *peer, enum fullness *fullness)
{
	enum limits_verdict verdict;

	atomic_fetch_add(&engine->row->claiming, 1);
	atomic_fetch_add(&engine->row->sessions, 1);
	atomic_fetch_add(&engine->row->addresses[bucket_of(peer)], 1);
	verdict = judge(engine, peer, fullness);
	if (verdict != LIMITS_GRANTED)
		limits_release(engine, peer);
	atomic_fetch_sub(&engine->row->claiming, 1);
	return verdict;
}

/* Where it is unclear, he steps back, so that others see clearly, and tries again in a moment; not
 * all in the same one. */
enum limits_verdict limits_claim(const struct engine *engine, const struct address *peer)
{
	enum fullness fullness;
	enum limits_verdict verdict = claim_once(engine, peer, &fullness);

	for (uint32_t i = 1; i < CLAIMS_MOST && fullness == IS_UNCLEAR; i++) {
		(void)poll(NULL, 0, 1 + (int)(i + engine->slot) % 3);
		verdict = claim_once(engine, peer, &fullness);
	}
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
