#include "worker/limits.h"

#include "common/clock.h"
#include "common/network.h"

#include <poll.h>

/* Nothing is left to a worker that has shown no life for so long. */
enum { SILENT_MS = 3000 };

enum { CLAIMS_MOST = 10, USER_CLAIMS_MOST = 40 };

/* Whom a cap is counted for: a client's address, or a user. */
struct subject {
	uint64_t user; /* 0: it is the client */
	struct network client;
	uint32_t bucket;
};

static uint32_t client_bucket(const struct network *client)
{
	return address_host_hash(&client->base) % BOARD_ADDRESS_BUCKETS;
}

static struct subject subject_of_client(const struct address *peer)
{
	struct subject subject = {.client = network_of_client(peer)};

	subject.bucket = client_bucket(&subject.client);
	return subject;
}

static struct subject subject_of_user(uint64_t user)
{
	return (struct subject){.user = user, .bucket = (uint32_t)(user % BOARD_USER_BUCKETS)};
}

static _Atomic uint32_t *counter(struct board_worker *row, const struct subject *subject)
{
	return subject->user ? &row->users[subject->bucket] : &row->addresses[subject->bucket];
}

uint32_t limits_sessions(const struct engine *engine)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < board_slots_used(engine->board); i++)
		sum += atomic_load(&engine->board->workers[i].sessions);
	return sum;
}

static uint32_t bucket_sum(const struct engine *engine, const struct subject *subject)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < board_slots_used(engine->board); i++)
		sum += atomic_load(counter(&engine->board->workers[i], subject));
	return sum;
}

/* The sessions on the board that fall into a subject's bucket. */
struct crowd {
	uint32_t friends; /* of the subject itself */
	uint32_t strangers;
};

static void add_session(
	const struct board_activity *activity, const struct subject *subject, struct crowd *crowd)
{
	struct network client = network_of_client(&activity->peer);
	bool same;

	if (subject->user) {
		if (activity->user_key == 0 ||
			activity->user_key % BOARD_USER_BUCKETS != subject->bucket)
			return;
		same = activity->user_key == subject->user;
	} else {
		if (client_bucket(&client) != subject->bucket)
			return;
		same = network_equal(&client, &subject->client);
	}
	crowd->friends += same;
	crowd->strangers += !same;
}

static void look_at_worker(const struct board *board, uint32_t slot, const struct subject *subject,
	struct crowd *crowd)
{
	struct board_activity activity;
	uint64_t bytes;

	for (uint32_t i = 0; i < board_rows_used(board, slot); i++) {
		if (board_session_read(board_session(board, slot, i), &activity, &bytes))
			add_session(&activity, subject, crowd);
	}
}

enum fullness { HAS_ROOM, IS_FULL, IS_UNCLEAR };

/* The bucket counts him already, and those who come and go and are not on the board: one look
 * cannot tell whether these are friends. */
static enum fullness fullness_for(
	const struct engine *engine, const struct subject *subject, uint32_t most)
{
	uint32_t sum = bucket_sum(engine, subject);
	struct crowd crowd = {0};

	if (most == 0 || sum <= most)
		return HAS_ROOM;
	for (uint32_t i = 0; i < board_slots_used(engine->board); i++)
		look_at_worker(engine->board, i, subject, &crowd);
	if (crowd.friends >= most)
		return IS_FULL;
	if (bucket_sum(engine, subject) != sum || sum > most + crowd.strangers)
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
	for (uint32_t i = 0; i < board_slots_used(engine->board); i++)
		claiming += atomic_load(&engine->board->workers[i].claiming);
	return claiming > sum || sum - claiming < most ? IS_UNCLEAR : IS_FULL;
}

/* What is sure comes before what is not. */
static enum limits_verdict judge(
	const struct engine *engine, const struct subject *client, enum fullness *fullness)
{
	enum fullness server = server_fullness(engine);

	*fullness = server;
	if (server == IS_FULL)
		return LIMITS_SERVER_FULL;
	*fullness = fullness_for(engine, client, engine->config->max_sessions_per_address);
	if (*fullness != HAS_ROOM)
		return LIMITS_ADDRESS_FULL;
	*fullness = server;
	return server == HAS_ROOM ? LIMITS_GRANTED : LIMITS_SERVER_FULL;
}

static void release(const struct engine *engine, const struct subject *client)
{
	atomic_fetch_sub(counter(engine->row, client), 1);
	atomic_fetch_sub(&engine->row->sessions, 1);
}

static enum limits_verdict claim_once(
	const struct engine *engine, const struct subject *client, enum fullness *fullness)
{
	enum limits_verdict verdict;

	atomic_fetch_add(&engine->row->claiming, 1);
	atomic_fetch_add(&engine->row->sessions, 1);
	atomic_fetch_add(counter(engine->row, client), 1);
	verdict = judge(engine, client, fullness);
	if (verdict != LIMITS_GRANTED)
		release(engine, client);
	atomic_fetch_sub(&engine->row->claiming, 1);
	return verdict;
}

/* Where it is unclear, he steps back, so that others see clearly, and tries again in a moment; not
 * all in the same one. */
static void step_back(const struct engine *engine, uint32_t turn)
{
	(void)poll(NULL, 0, 1 + (int)(turn + engine->slot) % 3);
}

enum limits_verdict limits_claim(const struct engine *engine, const struct address *peer)
{
	struct subject client = subject_of_client(peer);
	enum fullness fullness;
	enum limits_verdict verdict = claim_once(engine, &client, &fullness);

	for (uint32_t i = 1; i < CLAIMS_MOST && fullness == IS_UNCLEAR; i++) {
		step_back(engine, i);
		verdict = claim_once(engine, &client, &fullness);
	}
	return verdict;
}

void limits_release(const struct engine *engine, const struct address *peer)
{
	struct subject client = subject_of_client(peer);

	release(engine, &client);
}

/* FNV-1a, with 64 bits: two accounts of one key would share a cap, and nobody will see that. */
uint64_t limits_user(const char *name)
{
	uint64_t hash = 14695981039346656037u;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 1099511628211u;
	hash ^= hash >> 32;
	return hash ? hash : 1;
}

static enum fullness claim_user_once(
	const struct engine *engine, const struct subject *subject, uint32_t most)
{
	enum fullness fullness;

	atomic_fetch_add(counter(engine->row, subject), 1);
	fullness = fullness_for(engine, subject, most);
	if (fullness != HAS_ROOM)
		atomic_fetch_sub(counter(engine->row, subject), 1);
	return fullness;
}

/* Threads of one worker may be in each other's way here, hence more turns, and of different length.
 */
bool limits_claim_user(const struct engine *engine, uint64_t user, uint32_t most)
{
	struct subject subject = subject_of_user(user);
	enum fullness fullness = claim_user_once(engine, &subject, most);

	for (uint32_t i = 1; i < USER_CLAIMS_MOST && fullness == IS_UNCLEAR; i++) {
		step_back(engine, i + (uint32_t)((uintptr_t)&subject >> 12));
		fullness = claim_user_once(engine, &subject, most);
	}
	return fullness == HAS_ROOM;
}

void limits_release_user(const struct engine *engine, uint64_t user)
{
	struct subject subject = subject_of_user(user);

	atomic_fetch_sub(counter(engine->row, &subject), 1);
}

static bool is_in_doubt(const struct board_worker *worker, const struct board_session *row,
	uint64_t user, int64_t since_ms)
{
	return atomic_load(&row->doubted) || atomic_load(&worker->probed_user) != user ||
	       atomic_load(&worker->probed_ms) < since_ms;
}

bool limits_user_may_get_room(const struct engine *engine, uint64_t user, int64_t since_ms)
{
	const struct board *board = engine->board;
	struct board_activity activity;
	uint64_t bytes;

	for (uint32_t slot = 0; slot < board_slots_used(board); slot++) {
		for (uint32_t i = 0; i < board_rows_used(board, slot); i++) {
			struct board_session *row = board_session(board, slot, i);

			if (board_session_read(row, &activity, &bytes) &&
				activity.user_key == user && activity.command_since_ms == 0 &&
				is_in_doubt(&board->workers[slot], row, user, since_ms))
				return true;
		}
	}
	return false;
}

bool limits_another_has_fewer(const struct engine *engine, uint32_t sessions)
{
	int64_t now = clock_ms();

	for (uint32_t i = 0; i < board_slots_used(engine->board); i++) {
		const struct board_worker *row = &engine->board->workers[i];

		if (i != engine->slot && atomic_load(&row->accepting) == BOARD_ACCEPTS &&
			now - atomic_load(&row->heartbeat_ms) < SILENT_MS &&
			atomic_load(&row->sessions) < sessions)
			return true;
	}
	return false;
}
