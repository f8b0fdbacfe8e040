#include "supervisor/handover_parts.h"

#include "common/buckets.h"
#include "common/config_pack.h"
#include "common/ticket_keys.h"
#include "supervisor/handover_guard.h"
#include "supervisor/handover_tally.h"
#include "supervisor/master.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define HANDOVER_VARIABLE "FTPOOL_HANDOVER"

enum { HANDOVER_FORMAT = 2 };

/* ---- writing ---- */

/* A descriptor that stays open, and is noted as such. */
static json_t *pass(json_t *state, int descriptor)
{
	if (descriptor >= 0)
		json_array_append_new(
			json_object_get(state, "descriptors"), json_integer(descriptor));
	return json_integer(descriptor);
}

static int tickets_memory(const struct master *master)
{
	return ticket_keys_descriptor(master->tickets);
}

static int buckets_memory(const struct master *master)
{
	return buckets_descriptor(master->buckets);
}

static int bans_memory(const struct master *master)
{
	return banning_descriptor(&master->banning);
}

static int ledger_memory(const struct master *master)
{
	return ledger_descriptor(master->quotas.ledger);
}

static const struct {
	const char *name;
	int (*memory)(const struct master *master);
} memories[] = {
	{"tickets", tickets_memory},
	{"buckets", buckets_memory},
	{"bans", bans_memory},
	{"ledger", ledger_memory},
};

static json_t *write_memories(const struct master *master, json_t *state)
{
	json_t *object = json_object();

	for (size_t i = 0; i < sizeof(memories) / sizeof(memories[0]); i++)
		json_object_set_new(
			object, memories[i].name, pass(state, memories[i].memory(master)));
	return object;
}

/* While the board is the same, its rows go on counting: these are those of the dead. Otherwise the
 * sum of both. */
static json_t *write_totals(const uint64_t totals[BOARD_COUNTERS])
{
	json_t *object = json_object();

	for (int i = 0; i < BOARD_COUNTERS; i++)
		json_object_set_new(
			object, board_counter_names[i], json_integer((json_int_t)totals[i]));
	return object;
}

static json_t *write_slots(const struct master *master, json_t *state)
{
	const struct pool *pool = &master->pool;
	json_t *array = json_array();

	for (uint32_t i = 0; i < pool->slot_count; i++) {
		const struct pool_slot *slot = &pool->slots[i];

		if (!pool_slot_matters(slot))
			continue;
		json_array_append_new(array,
			json_pack("{s:i, s:i, s:i, s:b, s:i, s:I, s:i, s:o, s:o, s:o}", "slot",
				(int)i, "pid", (int)slot->pid, "generation", (int)slot->generation,
				"wanted", slot->birthright != NULL, "state", (int)slot->state,
				"since_ms", (json_int_t)slot->since_ms, "restarts",
				(int)slot->restarts, "channel", pass(state, slot->channel), "words",
				pass(state, slot->words > 0 ? slot->words : -1), "process",
				pass(state, slot->process > 0 ? slot->process : -1)));
	}
	return array;
}

static json_t *write_generations(const struct master *master, json_t *state)
{
	json_t *array = json_array();

	for (const struct generation *g = master->generations; g; g = g->next) {
		const struct auth *auth = &g->auth;

		json_array_append_new(
			array, json_pack("{s:i, s:i, s:b, s:o, s:o, s:o}", "number", (int)g->number,
				       "pid", (int)auth->pid, "ready", auth->ready, "channel",
				       pass(state, auth->channel), "questions",
				       pass(state, auth->questions), "answerer",
				       pass(state, auth->answerer)));
	}
	return array;
}

static json_t *write_listeners(const struct master *master, json_t *state)
{
	const struct listeners *listeners = &master->serving->listeners;
	json_t *array = json_array();

	for (size_t i = 0; i < listeners->count; i++)
		json_array_append_new(array, pass(state, listeners->sockets[i]));
	return array;
}

static void add_parts(const struct master *master, json_t *state)
{
	uint64_t totals[BOARD_COUNTERS];

	master_totals(master, totals);
	json_object_set_new(state, "totals", write_totals(totals));
	json_object_set_new(state, "buried", write_totals(master->pool.buried));
	json_object_set_new(state, "tallies", handover_tally_write(master));
	json_object_set_new(state, "memories", write_memories(master, state));
	json_object_set_new(state, "slots", write_slots(master, state));
	json_object_set_new(state, "generations", write_generations(master, state));
	json_object_set_new(state, "listeners", write_listeners(master, state));
	json_object_set_new(state, "board",
		json_pack("{s:o, s:i, s:i, s:I}", "memory", pass(state, master->board.memory),
			"slots", (int)master->board.worker_count, "sessions",
			(int)master->board.sessions_per_worker, "layout",
			(json_int_t)board_layout()));
	json_object_set_new(state, "status",
		json_pack("{s:o, s:s}", "socket", pass(state, master->status.socket), "path",
			master->status.path));
}

/* What is made for it alone is left open for who gets it. */
static json_t *describe(const struct master *master)
{
	json_t *state = json_pack("{s:i, s:s, s:[], s:i, s:I, s:I, s:i, s:i, s:i}", "format",
		HANDOVER_FORMAT, "writer", FTPOOL_VERSION, "descriptors", "serving",
		(int)master->serving->number, "since_unix", (json_int_t)master->since_unix,
		"since_ms", (json_int_t)master->since_ms, "workers", (int)master->workers,
		"generation_count", (int)master->generation_count, "reload",
		(int)master->reload.number);

	if (!state)
		return NULL;
	add_parts(master, state);
	handover_note_self(state, master->launch->argv);
	json_object_set_new(state, "guardian", pass(state, master->upgrade.guardian));
	json_object_set_new(state, "config", pass(state, config_pack(master->config)));
	json_object_set_new(
		state, "certificates", pass(state, master->serving->certificates.packed));
	json_object_set_new(state, "crashes", pass(state, crashes_pack(&master->pool.crashes)));
	json_object_set_new(
		state, "failures", pass(state, banning_pack_failures(&master->banning)));
	json_object_set_new(state, "old", pass(state, open("/proc/self/exe", O_PATH | O_CLOEXEC)));
	return state;
}

int handover_store(const json_t *state)
{
	int memory = memfd_create("ftpool handover", MFD_CLOEXEC);

	if (memory < 0)
		return -errno;
	if (json_dumpfd(state, memory, JSON_COMPACT) == 0)
		return memory;
	close(memory);
	return -ENOMEM;
}

int handover_write(const struct master *master)
{
	json_t *state = describe(master);
	int memory = state ? handover_store(state) : -ENOMEM;

	json_decref(state);
	return memory;
}

/* ---- leaping ---- */

/* A child may read it at the same time, and they have one position together. */
static json_t *load(int memory)
{
	struct stat status;
	void *text;
	json_t *state;

	if (fstat(memory, &status) < 0 || status.st_size == 0)
		return NULL;
	text = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, memory, 0);
	if (text == MAP_FAILED)
		return NULL;
	state = json_loadb(text, (size_t)status.st_size, 0, NULL);
	munmap(text, (size_t)status.st_size);
	return state;
}

void handover_keep_open(const json_t *state, bool open)
{
	const json_t *descriptors = json_object_get(state, "descriptors");

	for (size_t i = 0; i < json_array_size(descriptors); i++)
		fcntl((int)json_integer_value(json_array_get(descriptors, i)), F_SETFD,
			open ? 0 : FD_CLOEXEC);
}

void handover_name(int memory)
{
	char text[20];

	snprintf(text, sizeof(text), "%d", memory);
	setenv(HANDOVER_VARIABLE, text, 1);
	fcntl(memory, F_SETFD, 0);
}

int handover_for_trial(int memory)
{
	json_t *state = load(memory);
	int copy;

	if (!state)
		return -EPROTO;
	json_object_set_new(state, "on_trial", json_true());
	copy = handover_store(state);
	json_decref(state);
	return copy;
}

void handover_discard(int memory)
{
	static const char *const own[] = {"config", "old", "crashes", "failures"};
	json_t *state = load(memory);

	for (size_t i = 0; state && i < sizeof(own) / sizeof(own[0]); i++) {
		int descriptor = (int)json_integer_value(json_object_get(state, own[i]));

		if (descriptor > STDERR_FILENO)
			close(descriptor);
	}
	json_decref(state);
	close(memory);
}

int handover_leap(int memory, const char *path, char **argv)
{
	json_t *state = load(memory);
	int error;

	if (!state)
		return -EPROTO;
	handover_keep_open(state, true);
	handover_name(memory);
	execv(path, argv);
	error = errno;
	unsetenv(HANDOVER_VARIABLE);
	handover_keep_open(state, false);
	json_decref(state);
	return -error;
}

/* ---- receiving ---- */

const char handover_promise[] = "ftpoold: takes over a state of format 2";

static int refuse(struct handover *handover, struct complaints *complaints)
{
	complain(complaints, (struct origin){"handover", 0},
		"the running server hands over in a way that this version does not know; "
		"restart instead (systemctl restart ftpool)");
	json_decref(handover->state);
	handover->state = NULL;
	return -EPROTO;
}

int handover_load(struct handover *handover, int memory)
{
	*handover = (struct handover){.old = -1, .guardian = -1, .state = load(memory)};
	if (!handover->state)
		return -EPROTO;
	handover->old = (int)json_integer_value(json_object_get(handover->state, "old"));
	return 0;
}

/* The guardian is heard of once it is there to be told. */
static void read_course(struct handover *handover)
{
	const json_t *state = handover->state;

	handover->back = json_string_value(json_object_get(state, "back"));
	handover->on_trial = json_is_true(json_object_get(state, "on_trial"));
	if (handover->back)
		handover->old = -1;
	if (json_is_integer(json_object_get(state, "guardian")))
		handover->guardian = (int)json_integer_value(json_object_get(state, "guardian"));
}

int handover_receive(struct handover *handover, struct complaints *complaints)
{
	const char *text = getenv(HANDOVER_VARIABLE);
	int memory = text ? atoi(text) : -1;

	int loaded;

	*handover = (struct handover){.old = -1, .guardian = -1};
	unsetenv(HANDOVER_VARIABLE);
	if (memory <= STDERR_FILENO)
		return 0;
	fcntl(memory, F_SETFD, FD_CLOEXEC);
	loaded = handover_load(handover, memory);
	close(memory);
	if (loaded < 0 ||
		json_integer_value(json_object_get(handover->state, "format")) != HANDOVER_FORMAT)
		return refuse(handover, complaints);
	handover_keep_open(handover->state, false);
	read_course(handover);
	return 1;
}

int handover_copy(const json_t *number)
{
	int descriptor = json_is_integer(number) ? (int)json_integer_value(number) : -1;
	int copy;

	if (descriptor < 0)
		return -ENOENT;
	copy = fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	return copy < 0 ? -errno : copy;
}

int handover_take(const struct handover *handover, const json_t *object, const char *name)
{
	return handover_copy(json_object_get(object ? object : handover->state, name));
}

void handover_close(struct handover *handover)
{
	const json_t *descriptors = json_object_get(handover->state, "descriptors");

	handover_guard_tell(handover, HANDOVER_DONE, 0);
	for (size_t i = 0; i < json_array_size(descriptors); i++)
		close((int)json_integer_value(json_array_get(descriptors, i)));
	json_decref(handover->state);
	*handover = (struct handover){.old = -1, .guardian = -1};
}
