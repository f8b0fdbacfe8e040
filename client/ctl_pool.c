#include "client/ctl_pool.h"

#include "client/ctl_field.h"
#include "client/ctl_print.h"

#include <time.h>

static const char *ending(long long count)
{
	return count == 1 ? "" : "s";
}

/* ---- crashes ---- */

static void print_told(FILE *out, const json_t *session)
{
	const char *user = ctl_words(session, "user"), *command = ctl_words(session, "command");
	char bytes[CTL_AMOUNT];

	fprintf(out, "  session %s of %s%s%s", ctl_words(session, "session"),
		ctl_words(session, "peer"), *user ? ", " : "", user);
	if (*command)
		fprintf(out, ": %s %s, %s", command, ctl_words(session, "path"),
			ctl_bytes(bytes, (double)ctl_whole(session, "bytes")));
	fputc('\n', out);
}

static void print_crash(FILE *out, const json_t *crash)
{
	const json_t *told = json_object_get(crash, "told"),
		     *said = json_object_get(crash, "words");
	time_t when = (time_t)ctl_whole(crash, "when_unix");
	long long sessions = ctl_whole(crash, "sessions");
	char moment[32] = "?", age[CTL_AGE];
	const json_t *item;
	struct tm local;
	size_t i;

	if (localtime_r(&when, &local))
		strftime(moment, sizeof(moment), "%F %T", &local);
	fprintf(out,
		"%s  worker %lld, pid %lld: %s (signal %lld)%s, after %s, with %lld session%s\n",
		moment, ctl_whole(crash, "worker"), ctl_whole(crash, "pid"),
		ctl_words(crash, "name"), ctl_whole(crash, "signal"),
		json_is_true(json_object_get(crash, "hung")) ? ", for it was hung" : "",
		ctl_age(age, json_number_value(json_object_get(crash, "age_seconds"))), sessions,
		ending(sessions));
	json_array_foreach(told, i, item) print_told(out, item);
	if (sessions > (long long)json_array_size(told))
		fprintf(out, "  and %lld more\n", sessions - (long long)json_array_size(told));
	json_array_foreach(said, i, item) fprintf(out, "  | %s\n", json_string_value(item));
}

static void print_crashes(FILE *out, const json_t *answer)
{
	const json_t *crashes = json_object_get(answer, "crashes"), *crash;
	long long count = ctl_whole(answer, "count");
	size_t i;

	if (count == 0)
		fputs("no worker has crashed\n", out);
	json_array_foreach(crashes, i, crash)
	{
		if (i > 0)
			fputc('\n', out);
		print_crash(out, crash);
	}
	if (count > (long long)json_array_size(crashes))
		fprintf(out, "\nof %lld crashes the last %zu are kept\n", count,
			json_array_size(crashes));
}

/* ---- asking ---- */

enum ctl_exit ctl_status(const struct ctl_wish *wish, int argc, char **argv)
{
	if (wish->crashes)
		return ctl_command_ask(wish, print_crashes, "crashes", argc, argv);
	return ctl_command_ask(wish, ctl_print_status, "status", argc, argv);
}

static void print_wish(FILE *out, const json_t *answer)
{
	long long count = ctl_whole(answer, "workers");

	fprintf(out, "%lld worker%s from now on, until a reload\n", count, ending(count));
}

enum ctl_exit ctl_workers(const struct ctl_wish *wish, int argc, char **argv)
{
	if (argc == 0)
		return ctl_command_ask(wish, ctl_print_workers, "workers", argc, argv);
	return ctl_command_ask(wish, print_wish, "resize", argc, argv);
}

void ctl_print_drained(FILE *out, const json_t *answer)
{
	fputs(ctl_whole(answer, "workers") == 1
			? "the worker will leave, and another one takes its place\n"
			: "the workers will leave, and others take their places\n",
		out);
}
