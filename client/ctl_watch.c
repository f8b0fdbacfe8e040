#include "client/ctl_watch.h"

#include "client/ctl_field.h"
#include "client/ctl_print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HEAD_EVERY = 20 };

bool ctl_watch_interval(double *seconds, const char *text)
{
	char *end;

	errno = 0;
	*seconds = strtod(text, &end);
	if (end != text && *end == '\0' && *seconds >= 0.1 && *seconds <= 86400)
		return true;
	fprintf(stderr, "ftpctl: %s: an interval is 0.1 to 86400 seconds\n", text);
	return false;
}

static bool read_count(long *count, const char *text)
{
	char *end;

	*count = strtol(text, &end, 10);
	if (end != text && *end == '\0' && *count > 0)
		return true;
	fprintf(stderr, "ftpctl: %s: no number of lines\n", text);
	return false;
}

static void sleep_for(double seconds)
{
	struct timespec left = {(time_t)seconds, (long)((seconds - (double)(time_t)seconds) * 1e9)};

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

/* What has come to a total since the last look, a second. A service that was started anew begins
 * with nothing. */
static double per_second(const json_t *before, const json_t *after, const char *key)
{
	double seconds = json_number_value(json_object_get(after, "uptime_seconds")) -
			 json_number_value(json_object_get(before, "uptime_seconds"));
	long long then = ctl_whole(json_object_get(before, "totals"), key);
	long long now = ctl_whole(json_object_get(after, "totals"), key);

	return seconds > 0 && now >= then ? (double)(now - then) / seconds : 0;
}

static void print_head(void)
{
	puts("TIME      SESSIONS  TRANSFERS   NEW/s  LOGIN/s  WRONG/s    REQ/s  ERROR/s      "
	     "SENT/s  "
	     "RECEIVED/s  WORKERS");
}

static void print_line(const json_t *before, const json_t *after)
{
	char clock[20], sent[CTL_AMOUNT], received[CTL_AMOUNT];
	const char *state = json_string_value(json_object_get(after, "state"));
	time_t now = time(NULL);
	struct tm local;

	localtime_r(&now, &local);
	strftime(clock, sizeof(clock), "%H:%M:%S", &local);
	printf("%-8s  %8lld  %9lld  %6.1f  %7.1f  %7.1f  %7.1f  %7.1f  %10s  %10s  "
	       "%5lld/%lld%s%s\n",
		clock, ctl_whole(after, "sessions"), ctl_whole(after, "transfers"),
		per_second(before, after, "sessions_opened"), per_second(before, after, "logins"),
		per_second(before, after, "logins_failed"), per_second(before, after, "requests"),
		per_second(before, after, "requests_refused"),
		ctl_bytes(sent, per_second(before, after, "bytes_sent")),
		ctl_bytes(received, per_second(before, after, "bytes_received")),
		ctl_whole(after, "workers_living"), ctl_whole(after, "workers_wanted"),
		state && strcmp(state, "serving") != 0 ? " " : "",
		state && strcmp(state, "serving") != 0 ? state : "");
}

/* The totals as they grow, all of them. */
static void print_json_line(const json_t *before, const json_t *after)
{
	json_t *rates = json_object(), *line;
	const char *key;
	json_t *value;

	json_object_foreach(json_object_get(after, "totals"), key, value)
		json_object_set_new(rates, key, json_real(per_second(before, after, key)));
	line = json_pack("{s:I, s:O, s:O, s:O, s:O, s:O, s:o}", "unix", (json_int_t)time(NULL),
		"state", json_object_get(after, "state"), "sessions",
		json_object_get(after, "sessions"), "transfers",
		json_object_get(after, "transfers"), "workers_living",
		json_object_get(after, "workers_living"), "workers_wanted",
		json_object_get(after, "workers_wanted"), "per_second", rates);
	json_dumpf(line, stdout, JSON_COMPACT | JSON_REAL_PRECISION(12));
	putchar('\n');
	json_decref(line);
}

/* One look more, and its line. */
static enum ctl_exit go_on(const struct ctl_wish *wish, json_t **before, long number)
{
	json_t *after;
	enum ctl_exit end = ctl_ask(wish->socket, "status", &after);

	if (end != CTL_WELL)
		return end;
	if (!wish->json && number % HEAD_EVERY == 0)
		print_head();
	if (wish->json)
		print_json_line(*before, after);
	else
		print_line(*before, after);
	json_decref(*before);
	*before = after;
	return fflush(stdout) == 0 ? CTL_WELL : CTL_REFUSED;
}

enum ctl_exit ctl_watch_run(const struct ctl_wish *wish, int argc, char **argv)
{
	double seconds;
	long count = 0;
	json_t *before;
	enum ctl_exit end;

	if (!ctl_watch_interval(&seconds, argc > 0 ? argv[0] : "2") ||
		(argc > 1 && !read_count(&count, argv[1])))
		return CTL_USAGE;
	end = ctl_ask(wish->socket, "status", &before);
	if (end != CTL_WELL)
		return end;
	for (long i = 0; end == CTL_WELL && (count == 0 || i < count); i++) {
		sleep_for(seconds);
		end = go_on(wish, &before, i);
	}
	json_decref(before);
	return end;
}
