#include "supervisor/handover_tally.h"

#include "common/tally.h"
#include "supervisor/master.h"

#include <string.h>

/* ---- writing ---- */

static json_t *write_latency(const struct tally_histogram *histogram)
{
	json_t *array = json_array();

	for (int i = 0; i < BOARD_BUCKETS; i++)
		json_array_append_new(array, json_integer((json_int_t)histogram->buckets[i]));
	return json_pack("{s:o, s:I}", "buckets", array, "sum_us", (json_int_t)histogram->sum_us);
}

static json_t *write_one(const struct tally *tally)
{
	json_t *counters = json_object(), *latencies = json_array();

	for (int i = 0; i < BOARD_COUNTERS; i++)
		json_object_set_new(counters, board_counter_names[i],
			json_integer((json_int_t)tally->counters[i]));
	for (int i = 0; i < BOARD_LATENCIES; i++)
		json_array_append_new(latencies, write_latency(&tally->latencies[i]));
	return json_pack("{s:o, s:o}", "counters", counters, "latencies", latencies);
}

json_t *handover_tally_write(const struct master *master)
{
	const struct config *config = master->serving->config;
	json_t *array = json_array();

	for (size_t l = 0; l < config->listener_count && l < BOARD_LISTENERS; l++) {
		struct tally total = master->pool.buried_listeners[l];

		for (uint32_t i = 0; i < board_slots_used(&master->board); i++)
			tally_add(&total, &master->board.workers[i].listeners[l]);
		json_array_append_new(
			array, json_pack("{s:s, s:o, s:o}", "name", config->listeners[l].name,
				       "buried", write_one(&master->pool.buried_listeners[l]),
				       "total", write_one(&total)));
	}
	return array;
}

/* ---- reading ---- */

static uint64_t whole(const json_t *number)
{
	return (uint64_t)json_integer_value(number);
}

/* Buckets with other bounds cannot be added to. */
static void read_latency(struct tally_histogram *histogram, const json_t *told)
{
	const json_t *buckets = json_object_get(told, "buckets");

	if (json_array_size(buckets) != BOARD_BUCKETS)
		return;
	for (size_t i = 0; i < BOARD_BUCKETS; i++)
		histogram->buckets[i] = whole(json_array_get(buckets, i));
	histogram->sum_us = whole(json_object_get(told, "sum_us"));
}

static void read_one(struct tally *tally, const json_t *told)
{
	const json_t *counters = json_object_get(told, "counters");
	const json_t *latencies = json_object_get(told, "latencies");

	for (int i = 0; i < BOARD_COUNTERS; i++)
		tally->counters[i] = whole(json_object_get(counters, board_counter_names[i]));
	for (size_t i = 0; i < BOARD_LATENCIES; i++)
		read_latency(&tally->latencies[i], json_array_get(latencies, i));
}

void handover_tally_read(struct master *master, bool seen)
{
	const struct config *config = master->serving->config;
	const json_t *told = json_object_get(master->handover.state, "tallies");

	for (size_t i = 0; i < json_array_size(told); i++) {
		const json_t *row = json_array_get(told, i);
		const char *name = json_string_value(json_object_get(row, "name"));

		for (size_t l = 0; name && l < config->listener_count && l < BOARD_LISTENERS; l++) {
			if (strcmp(config->listeners[l].name, name) == 0)
				read_one(&master->pool.buried_listeners[l],
					json_object_get(row, seen ? "buried" : "total"));
		}
	}
}
