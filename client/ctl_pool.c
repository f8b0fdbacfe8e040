#include "client/ctl_pool.h"

#include "client/ctl_print.h"

#include <string.h>
#include <time.h>

static const char *words(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "?";
}

static long long whole(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static const char *ending(long long count)
{
	return count == 1 ? "" : "s";
}

/* ---- crashes ---- */

static void print_told(FILE *out, const json_t *session)
{
	const char *user = words(session, "user"), *command = words(session, "command");
	char bytes[CTL_AMOUNT];

	fprintf(out, "  session %s of %s%s%s", words(session, "session"), words(session, "peer"),
		*user ? ", " : "", user);
	if (*command)
		fprintf(out, ": %s %s, %s", command, words(session, "path"),
			ctl_bytes(bytes, (double)whole(session, "bytes")));
	fputc('\n', out);
}

static void print_crash(FILE *out, const json_t *crash)
{
	const json_t *told = json_object_get(crash, "told"),
		     *said = json_object_get(crash, "words");
	time_t when = (time_t)whole(crash, "when_unix");
	long long sessions = whole(crash, "sessions");
	char moment[32] = "?", age[CTL_AGE];
	const json_t *item;
	struct tm local;
	size_t i;

	if (localtime_r(&when, &local))
		strftime(moment, sizeof(moment), "%F %T", &local);
	fprintf(out,
		"%s  worker %lld, pid %lld: %s (signal %lld)%s, after %s, with %lld session%s\n",
		moment, whole(crash, "worker"), whole(crash, "pid"), words(crash, "name"),
		whole(crash, "signal"),
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
	long long count = whole(answer, "count");
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

static enum ctl_exit ask(const struct ctl_wish *wish, const char *question,
	void (*print)(FILE *out, const json_t *answer))
{
	json_t *answer;
	enum ctl_exit status = ctl_ask(wish->socket, question, &answer);
	const char *state;

	if (status != CTL_WELL)
		return status;
	if (wish->json)
		ctl_print_json(stdout, answer);
	else
		print(stdout, answer);
	state = json_string_value(json_object_get(answer, "state"));
	status = state && strcmp(state, "degraded") == 0 ? CTL_REFUSED : CTL_WELL;
	json_decref(answer);
	return status;
}

enum ctl_exit ctl_status(const struct ctl_wish *wish, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	if (wish->crashes)
		return ask(wish, "crashes", print_crashes);
	return ask(wish, "status", ctl_print_status);
}

static void print_wish(FILE *out, const json_t *answer)
{
	long long count = whole(answer, "workers");

	fprintf(out, "%lld worker%s from now on, until a reload\n", count, ending(count));
}

enum ctl_exit ctl_workers(const struct ctl_wish *wish, int argc, char **argv)
{
	char question[64];

	if (argc == 0)
		return ask(wish, "workers", ctl_print_workers);
	if (snprintf(question, sizeof(question), "resize %s", argv[0]) < (int)sizeof(question))
		return ask(wish, question, print_wish);
	fprintf(stderr, "ftpctl: workers takes a number\n");
	return CTL_USAGE;
}

void ctl_print_drained(FILE *out, const json_t *answer)
{
	fputs(whole(answer, "workers") == 1
			? "the worker will leave, and another one takes its place\n"
			: "the workers will leave, and others take their places\n",
		out);
}
