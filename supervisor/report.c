#include "supervisor/report.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/target.h"
#include "supervisor/json_text.h"
#include "supervisor/master.h"

#include <string.h>
#include <unistd.h>

static json_t *integer(uint64_t value)
{
	return json_integer((json_int_t)(value > INT64_MAX ? INT64_MAX : value));
}

/* The seconds from a moment on the board until now; what cannot be one counts as now. */
static double seconds_since(int64_t then_ms)
{
	int64_t now = clock_ms();

	return then_ms > 0 && then_ms <= now ? (double)(now - then_ms) / 1000 : 0;
}

/* ---- workers ---- */

static json_t *worker_object(const struct master *master, uint32_t slot)
{
	const struct pool_slot *worker = &master->pool.slots[slot];
	struct board_worker *row = &master->board.workers[slot];
	bool has_process = worker->pid > 0;
	int64_t beat = atomic_load(&row->heartbeat_ms);

	return json_pack("{s:i, s:i, s:i, s:s, s:f, s:f, s:I, s:I, s:I, s:I, s:i}", "worker",
		(int)slot, "pid", (int)worker->pid, "generation", (int)worker->generation, "state",
		pool_state_names[worker->state], "age_seconds",
		has_process ? seconds_since(worker->since_ms) : 0.0, "silent_seconds",
		has_process ? seconds_since(beat) : 0.0, "sessions",
		(json_int_t)atomic_load(&row->sessions), "transfers",
		(json_int_t)atomic_load(&row->transfers), "threads",
		(json_int_t)atomic_load(&row->threads), "threads_waiting",
		(json_int_t)atomic_load(&row->threads_waiting), "restarts", (int)worker->restarts);
}

static json_t *worker_array(const struct master *master)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < board_slots_used(&master->board); i++) {
		if (pool_slot_matters(&master->pool.slots[i]))
			json_array_append_new(array, worker_object(master, i));
	}
	return array;
}

json_t *report_workers(struct master *master)
{
	return json_pack("{s:o}", "workers", worker_array(master));
}

/* ---- sessions ---- */

/* A row may hold anything: what is used as an index is checked here. */
static const struct config_listener *listener_of(
	const struct master *master, const struct board_activity *activity)
{
	return activity->listener < master->config->listener_count
		       ? &master->config->listeners[activity->listener]
		       : NULL;
}

static json_t *session_object(const struct master *master, uint32_t slot,
	const struct board_activity *activity, uint64_t bytes)
{
	const struct config_listener *listener = listener_of(master, activity);
	char peer[ADDRESS_TEXT];
	json_t *object = json_pack("{s:I, s:s, s:s, s:o}", "since_unix",
		(json_int_t)(activity->opened_unix > 0 ? activity->opened_unix : 0), "peer",
		address_format(&activity->peer, peer), "protocol",
		listener ? config_protocol_name(listener->protocol) : "?", "listener",
		json_text(listener ? listener->name : "?"));
	double seconds = seconds_since(activity->command_since_ms);

	json_object_set_new(object, "user", json_text(activity->user));
	json_object_set_new(object, "session", json_sprintf("%u.%u", slot, activity->number));
	json_object_set_new(object, "command", json_text(activity->command));
	json_object_set_new(object, "path", json_text(activity->path));
	json_object_set_new(object, "command_seconds", json_real(seconds));
	json_object_set_new(object, "bytes", integer(bytes));
	json_object_set_new(
		object, "bytes_per_second", json_real(seconds > 0 ? (double)bytes / seconds : 0));
	if (activity->bytes_total >= 0)
		json_object_set_new(object, "bytes_total", json_integer(activity->bytes_total));
	return object;
}

static void append_sessions(const struct master *master, uint32_t slot, json_t *array)
{
	struct board_activity activity;
	uint64_t bytes;

	for (uint32_t i = 0; i < board_rows_used(&master->board, slot); i++) {
		if (board_session_read(board_session(&master->board, slot, i), &activity, &bytes))
			json_array_append_new(
				array, session_object(master, slot, &activity, bytes));
	}
}

json_t *report_sessions(struct master *master)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < board_slots_used(&master->board); i++)
		append_sessions(master, i, array);
	return json_pack("{s:o}", "sessions", array);
}

static void add_worker(json_t *object, const struct master *master, uint32_t slot)
{
	int64_t beat = atomic_load(&master->board.workers[slot].heartbeat_ms);

	json_object_set_new(object, "worker", json_integer(slot));
	json_object_set_new(object, "pid", json_integer(master->pool.slots[slot].pid));
	json_object_set_new(object, "silent_seconds", json_real(seconds_since(beat)));
}

json_t *report_session(struct master *master, const char *name)
{
	struct board_activity activity;
	struct target target;
	uint64_t bytes;
	json_t *object;

	if (target_parse(&target, name, NULL) < 0 ||
		!target_find(&target, &master->board, &activity, &bytes))
		return json_pack("{s:s}", "error", "there is no such session");
	object = session_object(master, target.slot, &activity, bytes);
	add_worker(object, master, target.slot);
	return object;
}

/* ---- the whole ---- */

static json_t *listener_array(const struct master *master)
{
	json_t *array = json_array();
	char address[ADDRESS_TEXT];

	for (size_t i = 0; i < master->config->listener_count; i++) {
		const struct config_listener *listener = &master->config->listeners[i];

		json_array_append_new(
			array, json_pack("{s:o, s:s, s:s}", "name", json_text(listener->name),
				       "protocol", config_protocol_name(listener->protocol),
				       "address", address_format(&listener->address, address)));
	}
	return array;
}

static json_t *total_object(const struct master *master)
{
	uint64_t totals[BOARD_COUNTERS];
	json_t *object = json_object();

	master_totals(master, totals);
	for (int i = 0; i < BOARD_COUNTERS; i++)
		json_object_set_new(object, board_counter_names[i], integer(totals[i]));
	return object;
}

static json_t *rate_object(const struct master *master)
{
	static const enum board_counter shown[] = {
		COUNT_sessions_opened, COUNT_requests, COUNT_bytes_sent, COUNT_bytes_received};
	json_t *object = json_object();

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
		json_object_set_new(object, board_counter_names[shown[i]],
			json_real(rates_per_second(&master->rates, shown[i])));
	return object;
}

/* NULL, which is left out: there is no TLS. */
static json_t *tls_object(const struct master *master)
{
	const struct certificates *certificates = &master->serving->certificates;

	if (!certificates->tls)
		return NULL;
	return json_pack("{s:I, s:b}", "certificate_days_left",
		(json_int_t)certificates_days_left(certificates), "in_kernel",
		certificates_in_kernel(certificates));
}

/* NULL, which is left out: there is nobody to ask for accounts. */
static json_t *authenticator_object(const struct master *master)
{
	const struct auth *auth = &master->serving->auth;

	if (auth->questions < 0)
		return NULL;
	return json_pack("{s:i, s:f, s:I}", "pid", (int)auth->pid, "age_seconds",
		auth->pid > 0 ? seconds_since(auth->since_ms) : 0.0, "restarts",
		(json_int_t)auth->restarts);
}

json_t *report_status(struct master *master)
{
	uint64_t sessions = 0, transfers = 0, restarts = 0;

	for (uint32_t i = 0; i < board_slots_used(&master->board); i++) {
		sessions += atomic_load(&master->board.workers[i].sessions);
		transfers += atomic_load(&master->board.workers[i].transfers);
		restarts += master->pool.slots[i].restarts;
	}
	return json_pack(
		"{s:s, s:s, s:i, s:I, s:f, s:o, s:o, s:I, s:i, s:i, s:i, s:i, s:i, s:I, s:I, "
		"s:I, s:o, s:o, "
		"s:o, s:o, s:s, s:I, s:o*, s:o*}",
		"version", FTPOOL_VERSION, "state", master_state(master), "pid", (int)getpid(),
		"since_unix", (json_int_t)master->since_unix, "uptime_seconds",
		(double)(clock_ms() - master->since_ms) / 1000, "root",
		json_text(master->config->root), "config", json_text(master->config->file),
		"config_read_unix", (json_int_t)master->config->read_unix, "workers_wanted",
		(int)master->workers, "workers_living",
		(int)pool_living(&master->pool, master->serving->number), "workers_leaving",
		(int)pool_count(&master->pool, POOL_LEAVING), "stop_seconds_left",
		(int)(master->stopping ? master_patience_seconds(master) : 0), "generation",
		(int)master->serving->number, "sessions", (json_int_t)sessions, "transfers",
		(json_int_t)transfers, "restarts", (json_int_t)restarts, "workers",
		worker_array(master), "listeners", listener_array(master), "rates_per_second",
		rate_object(master), "totals", total_object(master), "log_level",
		log_level_name(log_level()), "bans", (json_int_t)bans_count(&master->banning.bans),
		"tls", tls_object(master), "authenticator", authenticator_object(master));
}

json_t *report_events(struct master *master)
{
	const struct config *config = master->config;

	if (!config_has_events(config))
		return json_pack("{s:s}", "error",
			"uploads are not told of here; set events = true in ftpool.conf");
	return json_pack("{s:o, s:b}", "directory",
		json_sprintf("%s/" TIDINGS_DIRECTORY, config->state_directory), "herald",
		!tidings_are_missing(&master->tidings));
}
