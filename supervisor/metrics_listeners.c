#include "supervisor/metrics_listeners.h"

#include "common/tally.h"
#include "supervisor/master.h"
#include "supervisor/metrics_line.h"

#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>

/* The numbers of all workers that are and were. */
struct listener_sum {
	struct tally tally;
	uint64_t sessions;
};

/* A family of counters with one label more than the listener's; rows of one family stand together.
 */
static const struct row {
	const char *family;
	const char *help; /* with the first of its rows */
	const char *label, *value;
	enum board_counter counter;
} rows[] = {
	{"listener_connections", "Connections by what became of them", "result", "accepted",
		COUNT_sessions_opened},
	{"listener_connections", NULL, "result", "full", COUNT_sessions_refused_full},
	{"listener_connections", NULL, "result", "address", COUNT_sessions_refused_address},
	{"listener_logins", "Logins by their result", "result", "granted", COUNT_logins},
	{"listener_logins", NULL, "result", "refused", COUNT_logins_failed},
	{"listener_logins", NULL, "result", "unanswered", COUNT_logins_unanswered},
	{"listener_logins", NULL, "result", "too-many", COUNT_logins_refused_sessions},
	{"listener_requests", "Requests", "result", "any", COUNT_requests},
	{"listener_requests", NULL, "result", "error", COUNT_requests_refused},
	{"listener_replies", "FTP replies by the class of their code", "code", "1xx",
		COUNT_replies_1xx},
	{"listener_replies", NULL, "code", "2xx", COUNT_replies_2xx},
	{"listener_replies", NULL, "code", "3xx", COUNT_replies_3xx},
	{"listener_replies", NULL, "code", "4xx", COUNT_replies_4xx},
	{"listener_replies", NULL, "code", "5xx", COUNT_replies_5xx},
	{"listener_downloads", "Files sent", "result", "whole", COUNT_downloads},
	{"listener_downloads", NULL, "result", "broken", COUNT_downloads_broken},
	{"listener_uploads", "Files received", "result", "whole", COUNT_uploads},
	{"listener_uploads", NULL, "result", "broken", COUNT_uploads_broken},
	{"listener_bytes", "Bytes of files and listings", "direction", "sent", COUNT_bytes_sent},
	{"listener_bytes", NULL, "direction", "received", COUNT_bytes_received},
};

static const struct latency {
	const char *family;
	const char *help;
} latencies[BOARD_LATENCIES] = {
	[LATENCY_LOGIN] = {"login_seconds", "From a password to the verdict"},
	[LATENCY_FIRST_BYTE] = {"first_byte_seconds",
		"From a command to the first byte of its file or listing"},
	[LATENCY_COMMAND] = {"command_seconds", "Commands that move no file or listing"},
	[LATENCY_TRANSFER] = {"transfer_seconds", "Commands that move a file or a listing"},
};

/* ---- gathering ---- */

static size_t shown_count(const struct master *master)
{
	size_t count = master->config->listener_count;

	return count < BOARD_LISTENERS ? count : BOARD_LISTENERS;
}

static struct listener_sum *gather(const struct master *master)
{
	struct listener_sum *sums = calloc(BOARD_LISTENERS, sizeof(*sums));

	for (size_t l = 0; sums && l < BOARD_LISTENERS; l++) {
		sums[l].tally = master->pool.buried_listeners[l];
		for (uint32_t w = 0; w < board_slots_used(&master->board); w++) {
			const struct board_listener *row = &master->board.workers[w].listeners[l];

			tally_add(&sums[l].tally, row);
			sums[l].sessions += atomic_load(&row->sessions);
		}
	}
	return sums;
}

/* ---- writing ---- */

/* `name{listener="…",protocol="…"`, to be ended by the caller. */
static void write_head(FILE *out, const struct master *master, const char *name, size_t listener)
{
	const struct config_listener *config = &master->config->listeners[listener];

	fprintf(out, "ftpool_%s{listener=\"", name);
	metrics_label_value(out, config->name);
	fprintf(out, "\",protocol=\"%s\"", config_protocol_name(config->protocol));
}

static void write_sessions(FILE *out, const struct master *master, const struct listener_sum *sums)
{
	metrics_family(out, "listener_sessions", "gauge", NULL, "Clients of a listener");
	for (size_t l = 0; l < shown_count(master); l++) {
		write_head(out, master, "listener_sessions", l);
		fprintf(out, "} %" PRIu64 "\n", sums[l].sessions);
	}
}

static void write_counters(FILE *out, const struct master *master, const struct listener_sum *sums)
{
	char name[64];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];

		if (row->help)
			metrics_family(out, row->family, "counter", NULL, row->help);
		snprintf(name, sizeof(name), "%s_total", row->family);
		for (size_t l = 0; l < shown_count(master); l++) {
			write_head(out, master, name, l);
			fprintf(out, ",%s=\"%s\"} %" PRIu64 "\n", row->label, row->value,
				sums[l].tally.counters[row->counter]);
		}
	}
}

static void write_histogram(FILE *out, const struct master *master, const char *family,
	size_t listener, const struct tally_histogram *histogram)
{
	uint64_t count = 0;
	char name[64];

	snprintf(name, sizeof(name), "%s_bucket", family);
	for (int b = 0; b < BOARD_BUCKETS; b++) {
		count += histogram->buckets[b];
		write_head(out, master, name, listener);
		if (b + 1 == BOARD_BUCKETS)
			fprintf(out, ",le=\"+Inf\"} %" PRIu64 "\n", count);
		else
			fprintf(out, ",le=\"%g\"} %" PRIu64 "\n", (double)board_bucket_us[b] / 1e6,
				count);
	}
	snprintf(name, sizeof(name), "%s_count", family);
	write_head(out, master, name, listener);
	fprintf(out, "} %" PRIu64 "\n", count);
	snprintf(name, sizeof(name), "%s_sum", family);
	write_head(out, master, name, listener);
	fprintf(out, "} %.6f\n", (double)histogram->sum_us / 1e6);
}

static void write_latencies(FILE *out, const struct master *master, const struct listener_sum *sums)
{
	for (int i = 0; i < BOARD_LATENCIES; i++) {
		const struct latency *latency = &latencies[i];

		metrics_family(out, latency->family, "histogram", "seconds", latency->help);
		for (size_t l = 0; l < shown_count(master); l++)
			write_histogram(
				out, master, latency->family, l, &sums[l].tally.latencies[i]);
	}
}

/* ---- queues ---- */

/* For a socket that listens these two of the kernel's numbers mean the queue (tcp_diag(7) has it
 * from there, too): how many wait in it, and how many it takes. */
static void write_queue(FILE *out, const struct master *master, const char *name, bool limit)
{
	for (size_t l = 0; l < shown_count(master) && l < master->serving->listeners.count; l++) {
		struct tcp_info info = {0};
		socklen_t size = sizeof(info);

		if (getsockopt(master->serving->listeners.sockets[l], IPPROTO_TCP, TCP_INFO, &info,
			    &size) < 0)
			continue;
		write_head(out, master, name, l);
		fprintf(out, "} %u\n", limit ? info.tcpi_sacked : info.tcpi_unacked);
	}
}

static void write_queues(FILE *out, const struct master *master)
{
	metrics_family(out, "listener_queue", "gauge", NULL,
		"Connections that wait to be accepted; above the limit they are turned away");
	write_queue(out, master, "listener_queue", false);
	metrics_family(out, "listener_queue_limit", "gauge", NULL, "How many may wait (backlog)");
	write_queue(out, master, "listener_queue_limit", true);
}

void metrics_write_listeners(FILE *out, const struct master *master)
{
	struct listener_sum *sums = gather(master);

	if (!sums)
		return;
	write_sessions(out, master, sums);
	write_counters(out, master, sums);
	write_latencies(out, master, sums);
	write_queues(out, master);
	free(sums);
}
