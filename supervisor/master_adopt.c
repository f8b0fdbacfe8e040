#include "supervisor/master.h"

#include "common/buckets.h"
#include "common/clock.h"
#include "common/config_pack.h"
#include "common/ticket_keys.h"
#include "supervisor/handover_tally.h"
#include "supervisor/questions.h"
#include "supervisor/trial.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static json_int_t number(const json_t *object, const char *name)
{
	return json_integer_value(json_object_get(object, name));
}

/* ---- what all generations share ---- */

/* A board of another layout stays with the workers that have it: nobody here sees them, and what
 * they count from now on is lost. */
static int adopt_board(struct master *master, bool *seen)
{
	const json_t *state = master->handover.state;
	const json_t *board = json_object_get(state, "board");
	int (*adopt)(struct board *, int, uint32_t, uint32_t) =
		master->handover.on_trial ? board_adopt_apart : board_adopt;
	int memory = number(board, "layout") == (json_int_t)board_layout()
			     ? handover_take(&master->handover, board, "memory")
			     : -ENOENT;

	*seen = memory >= 0 && adopt(&master->board, memory, (uint32_t)number(board, "slots"),
				       (uint32_t)number(board, "sessions")) == 0;
	return *seen ? 0 : master_make_board(master);
}

static void adopt_totals(struct master *master, bool seen)
{
	const json_t *totals = json_object_get(master->handover.state, seen ? "buried" : "totals");

	for (int i = 0; i < BOARD_COUNTERS; i++)
		master->pool.buried[i] = (uint64_t)number(totals, board_counter_names[i]);
}

/* What was only packed for the way. */
static void adopt_packed(struct master *master)
{
	int crashes = handover_take(&master->handover, NULL, "crashes");
	int failures = handover_take(&master->handover, NULL, "failures");

	if (crashes >= 0) {
		crashes_unpack(&master->pool.crashes, crashes);
		close(crashes);
	}
	if (failures >= 0) {
		banning_unpack_failures(&master->banning, failures);
		close(failures);
	}
}

static int adopt_memories(struct master *master)
{
	const json_t *memories = json_object_get(master->handover.state, "memories");
	int buckets = handover_take(&master->handover, memories, "buckets");
	int bans = handover_take(&master->handover, memories, "bans");
	int ledger = handover_take(&master->handover, memories, "ledger");
	int error;

	master->quotas.ledger = ledger >= 0 ? ledger_adopt(ledger) : NULL;
	master->buckets = buckets >= 0 ? buckets_adopt(buckets) : NULL;
	if (!master->buckets)
		master->buckets = buckets_new();
	error = master->buckets ? master_open_processes(master) : -ENOMEM;
	if (error == 0 && bans >= 0)
		(void)banning_adopt(&master->banning, bans);
	if (bans >= 0)
		close(bans);
	if (error == 0)
		adopt_packed(master);
	return error;
}

/* ---- generations of before ---- */

static void adopt_auth(struct master *master, struct generation *generation, const json_t *told)
{
	struct auth *auth = &generation->auth;

	*auth = (struct auth){.config = generation->config,
		.pid = (pid_t)number(told, "pid"),
		.ready = json_is_true(json_object_get(told, "ready")),
		.foreign = master->coming || generation != master->serving,
		.since_ms = clock_ms(),
		.heard_ms = clock_ms(),
		.looked_ms = clock_ms(),
		.channel = handover_take(&master->handover, told, "channel"),
		.questions = handover_take(&master->handover, told, "questions"),
		.answerer = handover_take(&master->handover, told, "answerer")};
	if (auth->channel < 0)
		auth->channel = -1;
	if (auth->questions < 0)
		auth->questions = auth->answerer = -1;
}

/* Its config is what this version reads of it, or else the new one: it is asked for time-outs and
 * host names alone. */
static struct config *config_of_before(struct master *master, const struct config *now)
{
	int packed = handover_take(&master->handover, NULL, "config");
	struct config *config = packed >= 0 ? config_unpack(packed) : NULL;

	if (packed >= 0)
		close(packed);
	if (config)
		return config;
	packed = config_pack(now);
	config = packed >= 0 ? config_unpack(packed) : NULL;
	if (packed >= 0)
		close(packed);
	return config;
}

static struct generation *add_foreign(
	struct master *master, uint32_t generation_number, const struct config *now)
{
	struct config *config = config_of_before(master, now);
	struct generation *generation = config ? generation_new(generation_number, config) : NULL;

	if (!generation)
		return NULL;
	generation->board = board_of_generation(&master->board, generation_number);
	lookup_init(&generation->lookup, generation->config, &generation->board);
	generation->next = master->generations;
	master->generations = generation;
	return generation;
}

static int adopt_generations(struct master *master, struct generation *own)
{
	const json_t *told = json_object_get(master->handover.state, "generations");
	uint32_t serving = (uint32_t)number(master->handover.state, "serving");

	for (size_t i = json_array_size(told); i-- > 0;) {
		const json_t *row = json_array_get(told, i);
		uint32_t generation_number = (uint32_t)number(row, "number");
		struct generation *generation = own;

		if (master->coming || generation_number != serving)
			generation = add_foreign(master, generation_number, own->config);
		if (!generation)
			return -ENOMEM;
		if (generation_number == serving)
			master->serving = generation;
		adopt_auth(master, generation, row);
	}
	return master->serving ? 0 : -EPROTO;
}

static void adopt_slot(struct master *master, const json_t *row, bool seen)
{
	json_int_t place = number(row, "slot"), state = number(row, "state");
	struct pool_slot *slot = &master->pool.slots[place];
	int words, process;

	if (place < 0 || place >= (json_int_t)master->pool.slot_count || state < POOL_VACANT ||
		state > POOL_RESTING)
		return;
	words = handover_take(&master->handover, row, "words");
	process = handover_take(&master->handover, row, "process");
	*slot = (struct pool_slot){.state = (enum pool_state)state,
		.generation = (uint32_t)number(row, "generation"),
		.pid = (pid_t)number(row, "pid"),
		.since_ms = number(row, "since_ms"),
		.restarts = (uint32_t)number(row, "restarts"),
		.channel = handover_take(&master->handover, row, "channel"),
		.words = words > 0 ? words : 0,
		.process = process > 0 ? process : 0,
		.unseen = !seen};
	if (slot->channel < 0)
		slot->channel = -1;
	if (slot->pid == 0 || slot->state == POOL_RESTING)
		slot->state = POOL_VACANT;
	if (!master->coming && slot->generation == master->serving->number &&
		json_is_true(json_object_get(row, "wanted")))
		slot->birthright = &master->serving->birthright;
}

static void adopt_slots(struct master *master, bool seen)
{
	const json_t *rows = json_object_get(master->handover.state, "slots");

	for (size_t i = 0; i < json_array_size(rows); i++)
		adopt_slot(master, json_array_get(rows, i), seen);
	master->pool.ever_ready = true;
	pool_note_use(&master->pool);
}

/* ---- sockets ---- */

/* Those of before have all; those of the new generation are the same where the address is. */
static int adopt_listeners(
	struct master *master, struct generation *own, struct complaints *complaints)
{
	const json_t *told = json_object_get(master->handover.state, "listeners");
	size_t count = json_array_size(told);
	int *sockets = calloc(count + 1, sizeof(sockets[0]));
	int error = sockets ? 0 : -ENOMEM;

	for (size_t i = 0; i < count && error == 0; i++)
		sockets[i] = handover_copy(json_array_get(told, i));
	if (error == 0)
		error = listeners_adopt(&own->listeners, own->config, sockets, count);
	if (error == 0 && listeners_bind_missing(&own->listeners, own->config, complaints) < 0)
		error = -EADDRINUSE;
	if (error < 0 || own == master->serving) {
		free(sockets);
		return error;
	}
	master->serving->listeners = (struct listeners){sockets, count, 0};
	return 0;
}

static int adopt_status(struct master *master)
{
	const json_t *status = json_object_get(master->handover.state, "status");
	const char *path = json_string_value(json_object_get(status, "path"));
	int socket = handover_take(&master->handover, status, "socket");

	if (socket < 0 || !path)
		return -EPROTO;
	return status_adopt(&master->status, socket, path, questions_answer, master);
}

/* On trial: there it is listened already. */
static int open_scrape(
	struct master *master, const struct config *now, struct complaints *complaints)
{
	if (master->handover.on_trial && now->metrics_port == master->serving->config->metrics_port)
		return 0;
	return scrape_open(&master->scrape, now, complaints);
}

/* ---- all of it ---- */

static int adopt_all(struct master *master, struct generation *own, struct complaints *complaints)
{
	bool seen = false;
	uint32_t used = 0;
	int error = adopt_status(master);

	if (error == 0)
		error = adopt_board(master, &seen);
	if (error == 0)
		used = board_slots_used(&master->board);
	if (error == 0)
		error = adopt_memories(master);
	if (error < 0)
		return error;
	adopt_totals(master, seen);
	error = adopt_generations(master, own);
	if (error == 0)
		handover_tally_read(master, seen);
	if (error == 0)
		error = adopt_listeners(master, own, complaints);
	if (error == 0 && open_scrape(master, own->config, complaints) < 0)
		error = -EADDRINUSE;
	if (error == 0)
		error = generation_prepare(own, &master->shared);
	if (error == 0)
		adopt_slots(master, seen);
	if (error == 0 && json_is_true(json_object_get(master->handover.state, "bereaved")))
		pool_wipe_strangers(&master->pool, used);
	return error;
}

static void begin(struct master *master, struct generation *own, struct ticket_keys *tickets,
	const struct launch *launch, const struct handover *handover)
{
	const json_t *state = handover->state;

	*master = (struct master){.config = own->config,
		.launch = launch,
		.tickets = tickets,
		.handover = *handover,
		.generation_count = (uint32_t)number(state, "generation_count"),
		.workers = (uint32_t)number(state, "workers"),
		.signals = -1,
		.status.socket = -1,
		.since_unix = number(state, "since_unix"),
		.since_ms = number(state, "since_ms"),
		.announced = true};
	master->board.memory = -1;
	reload_init(&master->reload);
	upgrade_init(&master->upgrade);
	traces_init(&master->traces);
	scrape_init(&master->scrape);
	tidings_init(&master->tidings, own->config, &master->state);
	if (handover->back) {
		master->serving = master->generations = own;
	} else {
		master->coming = own;
		master->generation_count = own->number;
	}
}

int master_adopt(struct master *master, struct generation *own, struct ticket_keys *tickets,
	const struct launch *launch, const struct handover *handover, struct complaints *complaints)
{
	uint32_t last = (uint32_t)number(handover->state, "reload");
	int error;

	begin(master, own, tickets, launch, handover);
	if ((handover->on_trial ? state_open_beside : state_open)(
		    &master->state, own->config, complaints) < 0)
		return -1;
	error = adopt_all(master, own, complaints);
	if (error == 0 && master->coming) {
		board_forget_names(&own->board);
		master->coming = NULL;
		error = master_begin_generation(master, own);
	}
	if (error < 0) {
		complain(complaints, (struct origin){"handover", 0}, "cannot be taken: %s",
			strerror(-error));
		return -1;
	}
	if (handover->on_trial)
		return trial_pass(master, own, complaints);
	upgrade_go_on(master, last);
	return 0;
}
