#include "client/ctl_print.h"

#include "client/ctl_field.h"

#include <string.h>
#include <time.h>

void ctl_print_json(FILE *out, const json_t *answer)
{
	json_dumpf(answer, out, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
	fputc('\n', out);
}

/* ---- values ---- */

char *ctl_bytes(char text[CTL_AMOUNT], double bytes)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
	size_t unit = 0;

	while (bytes >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0])) {
		bytes /= 1024;
		unit++;
	}
	snprintf(text, CTL_AMOUNT, unit > 0 && bytes < 10 ? "%.1f %s" : "%.0f %s", bytes,
		units[unit]);
	return text;
}

char *ctl_age(char text[CTL_AGE], double seconds)
{
	long whole = seconds > 0 && seconds < 1e12 ? (long)seconds : 0;

	if (whole < 60)
		snprintf(text, CTL_AGE, "%ld s", whole);
	else if (whole < 3600)
		snprintf(text, CTL_AGE, "%ld min %ld s", whole / 60, whole % 60);
	else if (whole < 86400)
		snprintf(text, CTL_AGE, "%ld h %ld min", whole / 3600, whole / 60 % 60);
	else
		snprintf(text, CTL_AGE, "%ld d %ld h", whole / 86400, whole / 3600 % 24);
	return text;
}

static const char *ending(long long count)
{
	return count == 1 ? "" : "s";
}

/* ---- workers ---- */

static void print_worker(FILE *out, const json_t *worker)
{
	char age[CTL_AGE], silence[CTL_AGE + 8] = "";
	double silent = ctl_number(worker, "silent_seconds");

	if (silent >= 3)
		snprintf(silence, sizeof(silence), "  silent %.0f s", silent);
	fprintf(out, "%6lld  %7lld  %-8s  %-12s  %8lld  %9lld  %7lld  %8lld%s\n",
		ctl_whole(worker, "worker"), ctl_whole(worker, "pid"), ctl_words(worker, "state"),
		ctl_age(age, ctl_number(worker, "age_seconds")), ctl_whole(worker, "sessions"),
		ctl_whole(worker, "transfers"), ctl_whole(worker, "threads"),
		ctl_whole(worker, "restarts"), silence);
}

void ctl_print_workers(FILE *out, const json_t *answer)
{
	const json_t *workers = json_object_get(answer, "workers");

	fputs("WORKER      PID  STATE     AGE           SESSIONS  TRANSFERS  THREADS  RESTARTS\n",
		out);
	for (size_t i = 0; i < json_array_size(workers); i++)
		print_worker(out, json_array_get(workers, i));
}

/* ---- the whole ---- */

static void print_head(FILE *out, const json_t *status)
{
	char since[40], age[CTL_AGE];
	time_t start = (time_t)ctl_whole(status, "since_unix");
	struct tm local;

	localtime_r(&start, &local);
	strftime(since, sizeof(since), "%Y-%m-%d %H:%M:%S", &local);
	fprintf(out, "ftpool %s, pid %lld: %s, started %s (%s ago)\n", ctl_words(status, "version"),
		ctl_whole(status, "pid"), ctl_words(status, "state"), since,
		ctl_age(age, ctl_number(status, "uptime_seconds")));
	fprintf(out, "root       %s\n", ctl_words(status, "root"));
	fprintf(out, "config     %s\n", ctl_words(status, "config"));
}

/* "3 sessions", "1 session". */
static void print_count(FILE *out, const json_t *status, const char *key, const char *name)
{
	long long count = ctl_whole(status, key);

	fprintf(out, "%lld %s%s", count, name, ending(count));
}

static void print_stopping(FILE *out, const json_t *status)
{
	if (strcmp(ctl_words(status, "state"), "stopping") != 0)
		return;
	fputs("stopping   waits for ", out);
	print_count(out, status, "transfers", "transfer");
	fputs(" and ", out);
	print_count(out, status, "sessions", "session");
	fprintf(out, ", at most %lld s\n", ctl_whole(status, "stop_seconds_left"));
}

static void print_now(FILE *out, const json_t *status)
{
	const json_t *rates = json_object_get(status, "rates_per_second");
	char sent[CTL_AMOUNT], received[CTL_AMOUNT];

	fputs("now        ", out);
	print_count(out, status, "sessions", "session");
	fputs(", ", out);
	print_count(out, status, "transfers", "transfer");
	fprintf(out, "; %lld of %lld workers, ", ctl_whole(status, "workers_living"),
		ctl_whole(status, "workers_wanted"));
	print_count(out, status, "restarts", "restart");
	fprintf(out, "\nper second %.1f sessions, %.1f requests, %s sent, %s received\n",
		ctl_number(rates, "sessions_opened"), ctl_number(rates, "requests"),
		ctl_bytes(sent, ctl_number(rates, "bytes_sent")),
		ctl_bytes(received, ctl_number(rates, "bytes_received")));
}

/* A server that is older has nothing to say about it. */
static void print_tls(FILE *out, const json_t *tls)
{
	if (json_is_object(tls))
		fprintf(out, "tls        certificate good for %lld days; encryption in %s\n",
			ctl_whole(tls, "certificate_days_left"),
			json_is_true(json_object_get(tls, "in_kernel")) ? "the kernel"
									: "the workers");
}

static void print_authenticator(FILE *out, const json_t *authenticator)
{
	char age[CTL_AGE];

	if (!json_is_object(authenticator))
		return;
	if (ctl_whole(authenticator, "pid") > 0)
		fprintf(out, "accounts   authenticator %lld, since %s, ",
			ctl_whole(authenticator, "pid"),
			ctl_age(age, ctl_number(authenticator, "age_seconds")));
	else
		fputs("accounts   no authenticator at present, ", out);
	print_count(out, authenticator, "restarts", "restart");
	fputc('\n', out);
}

static void print_listeners(FILE *out, const json_t *listeners)
{
	fputs("\nLISTENER          PROTOCOL  ADDRESS\n", out);
	for (size_t i = 0; i < json_array_size(listeners); i++) {
		const json_t *listener = json_array_get(listeners, i);

		fprintf(out, "%-16s  %-8s  %s\n", ctl_words(listener, "name"),
			ctl_words(listener, "protocol"), ctl_words(listener, "address"));
	}
}

static void print_total(FILE *out, const char *key, long long value)
{
	char name[64], bytes[CTL_AMOUNT];

	snprintf(name, sizeof(name), "%s", key);
	for (char *p = name; (p = strchr(p, '_')) != NULL; p++)
		*p = ' ';
	if (strncmp(key, "bytes_", 6) == 0)
		fprintf(out, "%-28s %14lld  (%s)\n", name, value, ctl_bytes(bytes, (double)value));
	else
		fprintf(out, "%-28s %14lld\n", name, value);
}

static void print_totals(FILE *out, const json_t *totals)
{
	const char *key;
	json_t *value;

	fputs("\nTOTALS SINCE START\n", out);
	/* The macro casts const away but changes nothing. */
	json_object_foreach((json_t *)totals, key, value)
		print_total(out, key, json_integer_value(value));
}

static void print_bans(FILE *out, long long bans)
{
	if (bans > 0)
		fprintf(out, "bans       %lld; `ftpctl bans` shows them\n", bans);
}

void ctl_print_status(FILE *out, const json_t *status)
{
	print_head(out, status);
	print_tls(out, json_object_get(status, "tls"));
	print_authenticator(out, json_object_get(status, "authenticator"));
	print_stopping(out, status);
	print_now(out, status);
	print_bans(out, ctl_whole(status, "bans"));
	print_listeners(out, json_object_get(status, "listeners"));
	fputc('\n', out);
	ctl_print_workers(out, status);
	print_totals(out, json_object_get(status, "totals"));
}

void ctl_print_metrics(FILE *out, const json_t *answer)
{
	fputs(ctl_words(answer, "metrics"), out);
}

/* ---- orders ---- */

void ctl_print_order(FILE *out, const json_t *answer)
{
	const char *done = ctl_words(answer, "done");
	long long sessions = ctl_whole(answer, "sessions"), silent = ctl_whole(answer, "silent");

	if (strcmp(done, "kicked") == 0 && silent > 0)
		fprintf(out,
			"kicked %lld session%s; %lld more in a worker that shows no sign of life: "
			"they end when it is replaced\n",
			sessions, ending(sessions), silent);
	else if (strcmp(done, "kicked") == 0)
		fprintf(out, "kicked %lld session%s\n", sessions, ending(sessions));
	else if (strcmp(done, "log-level") == 0)
		fprintf(out, "the log's level is %s\n", ctl_words(answer, "level"));
}

/* ---- sessions ---- */

static void print_progress(FILE *out, const json_t *session)
{
	double bytes = ctl_number(session, "bytes"), total = ctl_number(session, "bytes_total");
	char done[CTL_AMOUNT], rate[CTL_AMOUNT], percent[8] = "";

	if (total > 0)
		snprintf(percent, sizeof(percent), "%.0f%%",
			bytes > total ? 100 : bytes * 100 / total);
	if (bytes > 0)
		fprintf(out, "%10s %5s %10s/s", ctl_bytes(done, bytes), percent,
			ctl_bytes(rate, ctl_number(session, "bytes_per_second")));
	else
		fprintf(out, "%10s %5s %12s", "-", "-", "-");
}

static void print_session(FILE *out, const json_t *session)
{
	const char *command = ctl_words(session, "command"), *user = ctl_words(session, "user");
	char age[CTL_AGE];

	fprintf(out, "%-9s  %-8s  %-10s  %-21s  %-12s  ", ctl_words(session, "session"),
		ctl_words(session, "protocol"), user[0] != '\0' ? user : "-",
		ctl_words(session, "peer"),
		ctl_age(age, difftime(time(NULL), (time_t)ctl_whole(session, "since_unix"))));
	if (command[0] == '\0') {
		fputs("idle\n", out);
		return;
	}
	fprintf(out, "%-6s ", command);
	print_progress(out, session);
	fprintf(out, "  %s\n", ctl_words(session, "path"));
}

void ctl_print_session(FILE *out, const json_t *session)
{
	const char *command = ctl_words(session, "command"), *user = ctl_words(session, "user");
	char age[CTL_AGE];
	double silent = ctl_number(session, "silent_seconds");

	fprintf(out, "session    %s\n", ctl_words(session, "session"));
	fprintf(out, "user       %s\n", user[0] != '\0' ? user : "-");
	fprintf(out, "peer       %s\n", ctl_words(session, "peer"));
	fprintf(out, "listener   %s (%s)\n", ctl_words(session, "listener"),
		ctl_words(session, "protocol"));
	fprintf(out, "since      %s\n",
		ctl_age(age, difftime(time(NULL), (time_t)ctl_whole(session, "since_unix"))));
	fprintf(out, "worker     %lld (pid %lld)%s\n", ctl_whole(session, "worker"),
		ctl_whole(session, "pid"), silent >= 3 ? ", which shows no sign of life" : "");
	if (command[0] == '\0') {
		fputs("command    idle\n", out);
		return;
	}
	fprintf(out, "command    %s, for %s\n", command,
		ctl_age(age, ctl_number(session, "command_seconds")));
	fprintf(out, "path       %s\n", ctl_words(session, "path"));
	fputs("moved     ", out);
	print_progress(out, session);
	fputc('\n', out);
}

void ctl_print_sessions(FILE *out, const json_t *answer)
{
	const json_t *sessions = json_object_get(answer, "sessions");
	size_t count = json_array_size(sessions);

	fprintf(out, "%-9s  %-8s  %-10s  %-21s  %-12s  %-6s %10s %5s %12s  %s\n", "SESSION",
		"PROTOCOL", "USER", "PEER", "SINCE", "COMMAND", "BYTES", "DONE", "RATE", "PATH");
	for (size_t i = 0; i < count; i++)
		print_session(out, json_array_get(sessions, i));
	fprintf(out, "%zu session%s\n", count, count == 1 ? "" : "s");
}
