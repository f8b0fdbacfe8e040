#include "supervisor/metrics.h"

#include "common/clock.h"
#include "supervisor/master.h"
#include "supervisor/metrics_line.h"
#include "supervisor/metrics_listeners.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- the service ---- */

static void write_service(FILE *out, const struct master *master)
{
	static const char *const states[] = {"starting", "serving", "degraded", "stopping"};
	const char *state = master_state(master);

	metrics_family(out, "build", "info", NULL, "Which version serves");
	fprintf(out, "ftpool_build_info{version=\"%s\"} 1\n", FTPOOL_VERSION);
	metrics_family(
		out, "start_time_seconds", "gauge", "seconds", "When the service was started");
	fprintf(out, "ftpool_start_time_seconds %jd\n", (intmax_t)master->since_unix);
	metrics_family(out, "state", "stateset", NULL, "How the service is");
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		fprintf(out, "ftpool_state{ftpool_state=\"%s\"} %d\n", states[i],
			strcmp(state, states[i]) == 0);
}

static void write_gauge(FILE *out, const char *name, const char *help, uint64_t value)
{
	metrics_family(out, name, "gauge", NULL, help);
	fprintf(out, "ftpool_%s %" PRIu64 "\n", name, value);
}

static uint64_t sum_of(const struct master *master, size_t offset)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < board_slots_used(&master->board); i++)
		sum += *metrics_gauge_of(&master->board.workers[i], offset);
	return sum;
}

static void write_now(FILE *out, const struct master *master)
{
	const struct config *config = master->config;
	const struct config_ports *ports = &config->passive_ports;

	write_gauge(out, "sessions", "Clients that are connected",
		sum_of(master, offsetof(struct board_worker, sessions)));
	write_gauge(out, "sessions_limit", "The most clients at a time (limits.sessions)",
		config->max_sessions);
	write_gauge(out, "transfers", "Transfers that run",
		sum_of(master, offsetof(struct board_worker, transfers)));
	write_gauge(out, "passive_ports_used", "Ports that sessions keep for their data",
		sum_of(master, offsetof(struct board_worker, passive_ports)));
	write_gauge(out, "passive_ports_limit", "The ports of passive.ports; 0: any will do",
		ports->first ? (uint64_t)ports->last - ports->first + 1 : 0);
	write_gauge(out, "workers_wanted", "Worker processes there should be", master->workers);
	write_gauge(out, "workers_living", "Worker processes that serve",
		pool_living(&master->pool, master->serving->number));
	if (master->serving->certificates.tls)
		write_gauge(out, "certificate_days_left", "Days until a certificate ends",
			(uint64_t)certificates_days_left(&master->serving->certificates));
}

static void write_totals(FILE *out, const struct master *master)
{
	uint64_t totals[BOARD_COUNTERS];

	master_totals(master, totals);
	for (int i = 0; i < BOARD_COUNTERS; i++) {
		metrics_family(
			out, board_counter_names[i], "counter", NULL, board_counter_helps[i]);
		fprintf(out, "ftpool_%s_total %" PRIu64 "\n", board_counter_names[i], totals[i]);
	}
}

/* ---- workers ---- */

static const struct worker_gauge {
	const char *name;
	const char *help;
	size_t offset;
} worker_gauges[] = {
	{"worker_sessions", "Clients of a worker", offsetof(struct board_worker, sessions)},
	{"worker_transfers", "Transfers of a worker", offsetof(struct board_worker, transfers)},
	{"worker_threads", "Threads of a worker", offsetof(struct board_worker, threads)},
	{"worker_threads_waiting", "Those of them that wait for work",
		offsetof(struct board_worker, threads_waiting)},
};

static const struct worker_counter {
	const char *name;
	const char *help;
	enum board_counter counter;
} worker_counters[] = {
	{"worker_sessions_opened", "Sessions accepted since the worker began",
		COUNT_sessions_opened},
	{"worker_requests", "Requests answered since the worker began", COUNT_requests},
	{"worker_bytes_sent", "Bytes sent since the worker began", COUNT_bytes_sent},
	{"worker_bytes_received", "Bytes received since the worker began", COUNT_bytes_received},
};

/* Slots without a worker, and that shall have none, are not told of. */
static bool is_shown(const struct master *master, uint32_t slot)
{
	return pool_slot_matters(&master->pool.slots[slot]);
}

static void write_worker_gauge(
	FILE *out, const struct master *master, const struct worker_gauge *gauge)
{
	metrics_family(out, gauge->name, "gauge", NULL, gauge->help);
	for (uint32_t i = 0; i < board_slots_used(&master->board); i++) {
		if (!is_shown(master, i))
			continue;
		fprintf(out, "ftpool_%s{worker=\"%u\"} %u\n", gauge->name, i,
			(unsigned int)*metrics_gauge_of(&master->board.workers[i], gauge->offset));
	}
}

static void write_worker_counter(
	FILE *out, const struct master *master, const struct worker_counter *counter)
{
	metrics_family(out, counter->name, "counter", NULL, counter->help);
	for (uint32_t i = 0; i < board_slots_used(&master->board); i++) {
		uint64_t sums[BOARD_COUNTERS] = {0};

		if (!is_shown(master, i))
			continue;
		board_add_counters(&master->board.workers[i], sums);
		fprintf(out, "ftpool_%s_total{worker=\"%u\"} %" PRIu64 "\n", counter->name, i,
			sums[counter->counter]);
	}
}

static void write_silence(FILE *out, const struct master *master)
{
	int64_t now = clock_ms();

	metrics_family(out, "worker_silent_seconds", "gauge", "seconds",
		"Since a worker last showed life, as it does each second");
	for (uint32_t i = 0; i < board_slots_used(&master->board); i++) {
		int64_t beat = atomic_load(&master->board.workers[i].heartbeat_ms);
		double silent = beat > 0 && beat <= now ? (double)(now - beat) / 1000 : 0;

		if (!is_shown(master, i))
			continue;
		fprintf(out, "ftpool_worker_silent_seconds{worker=\"%u\"} %.3f\n", i, silent);
	}
}

static void write_workers(FILE *out, const struct master *master)
{
	for (size_t i = 0; i < sizeof(worker_gauges) / sizeof(worker_gauges[0]); i++)
		write_worker_gauge(out, master, &worker_gauges[i]);
	for (size_t i = 0; i < sizeof(worker_counters) / sizeof(worker_counters[0]); i++)
		write_worker_counter(out, master, &worker_counters[i]);
	write_silence(out, master);
	metrics_family(out, "worker_restarts", "counter", NULL, "How often a worker was replaced");
	for (uint32_t i = 0; i < board_slots_used(&master->board); i++) {
		if (!is_shown(master, i))
			continue;
		fprintf(out, "ftpool_worker_restarts_total{worker=\"%u\"} %u\n", i,
			master->pool.slots[i].restarts);
	}
}

/* ---- all of it ---- */

char *metrics_text(const struct master *master)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool whole;

	if (!out)
		return NULL;
	write_service(out, master);
	write_now(out, master);
	write_totals(out, master);
	write_workers(out, master);
	metrics_write_listeners(out, master);
	fputs("# EOF\n", out);
	whole = !ferror(out);
	if (fclose(out) == 0 && whole)
		return text;
	free(text);
	return NULL;
}

json_t *metrics_report(struct master *master)
{
	char *text = metrics_text(master);
	json_t *answer = text ? json_pack("{s:s}", "metrics", text) : NULL;

	free(text);
	return answer;
}
