#include "common/channel.h"
#include "common/log.h"
#include "supervisor/pool_slot.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MESSAGES_A_TURN = 8 };

void pool_watch(const struct pool *pool, struct pollfd *watches)
{
	for (uint32_t i = 0; i < pool->slot_count; i++)
		watches[i] = (struct pollfd){.fd = pool->slots[i].channel, .events = POLLIN};
}

static void became_ready(struct pool *pool, struct pool_slot *slot)
{
	if (slot->state != POOL_STARTING)
		return;
	slot->state = POOL_LIVING;
	slot->failed = false;
	pool->ever_ready = true;
	log_debug(
		"worker: ready", "worker=%u pid=%d", pool_slot_number(pool, slot), (int)slot->pid);
}

/* Goes to all workers as it came; what it means is theirs to judge. */
static void pass_on(const struct pool *pool, const struct channel_message *message)
{
	for (uint32_t i = 0; i < pool->slot_count; i++)
		(void)pool_tell(pool, i, message->word, message->text, -1);
}

static void take_message(
	struct pool *pool, struct pool_slot *slot, const struct channel_message *message)
{
	char reason[LOG_QUOTED];

	if (message->word == CHANNEL_READY)
		became_ready(pool, slot);
	if (message->word == CHANNEL_PROBE)
		pass_on(pool, message);
	if (message->word == CHANNEL_LOGIN_FAILED && pool->login_failed)
		pool->login_failed(pool->login_failed_context, message->text);
	if (message->word != CHANNEL_FAILED)
		return;
	snprintf(pool->failure, sizeof(pool->failure), "%s", message->text);
	log_error("worker: cannot start", "worker=%u reason=%s", pool_slot_number(pool, slot),
		log_quote(reason, message->text, strlen(message->text)));
}

/* A worker that closes its channel can be told nothing any more, and one that floods it must not
 * keep the master busy: the first is ended, the second is heard again in the next turn. */
void pool_slot_hear(struct pool *pool, struct pool_slot *slot)
{
	struct channel_message message;
	int descriptor, got = 1;

	for (int i = 0; i < MESSAGES_A_TURN && got > 0 && slot->channel >= 0; i++) {
		got = channel_receive(slot->channel, &message, &descriptor);
		if (got > 0 && descriptor >= 0)
			close(descriptor);
		if (got > 0)
			take_message(pool, slot, &message);
	}
	if (got == 0) {
		pool_slot_signal(slot, SIGKILL);
		close(slot->channel);
		slot->channel = -1;
	}
}

void pool_hear(struct pool *pool, const struct pollfd *watches)
{
	for (uint32_t i = 0; i < pool->slot_count; i++) {
		if (watches[i].revents && pool->slots[i].channel == watches[i].fd)
			pool_slot_hear(pool, &pool->slots[i]);
	}
}

void pool_drain(struct pool *pool, const char *how)
{
	pool->stopping = true;
	for (uint32_t i = 0; i < pool->slot_count; i++) {
		struct pool_slot *slot = &pool->slots[i];

		if (pool_slot_has_process(slot)) {
			(void)channel_send(slot->channel, CHANNEL_DRAIN, how, -1);
			slot->state = POOL_LEAVING;
		}
	}
}

void pool_kill(struct pool *pool)
{
	for (uint32_t i = 0; i < pool->slot_count; i++) {
		if (pool_slot_has_process(&pool->slots[i]))
			pool_slot_signal(&pool->slots[i], SIGKILL);
	}
}

void pool_hand(const struct pool *pool, uint32_t generation, enum channel_word word, int descriptor)
{
	for (uint32_t i = 0; i < pool->slot_count; i++) {
		const struct pool_slot *slot = &pool->slots[i];

		if (pool_slot_has_process(slot) &&
			(generation == POOL_EVERYBODY || slot->generation == generation))
			(void)channel_send(slot->channel, word, "", descriptor);
	}
}

int pool_tell(const struct pool *pool, uint32_t slot, enum channel_word word, const char *text,
	int descriptor)
{
	if (!pool_slot_has_process(&pool->slots[slot]))
		return -ESRCH;
	return channel_send(pool->slots[slot].channel, word, text, descriptor);
}
