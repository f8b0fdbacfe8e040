#include "client/ctl_reload.h"

#include "client/ctl_print.h"
#include "common/clock.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { LOOK_EVERY_MS = 50, SILENCE_GRACE_SECONDS = 20 };

/* Something that the server has begun. */
struct begun {
	const char *socket;
	json_int_t number;
	int64_t silence_ms; /* so long it may give no answer; 0: it always has to */
};

static const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* ---- waiting ---- */

static void pause_a_little(void)
{
	const struct timespec pause = {.tv_nsec = LOOK_EVERY_MS * 1000000L};

	nanosleep(&pause, NULL);
}

/* A program that hangs after it has taken over gives no answer, and one that dies breaks off; soon
 * after there is one again (supervisor/handover_guard). */
static enum ctl_exit ask_outcome(const struct begun *begun, json_t **outcome)
{
	int64_t give_up_ms = clock_ms() + begun->silence_ms;
	enum ctl_exit status;

	ctl_ask_mute(true);
	for (;;) {
		status = ctl_ask(begun->socket, "reload-outcome", outcome);
		if (status != CTL_NO_SERVER || clock_ms() >= give_up_ms)
			break;
		pause_a_little();
	}
	ctl_ask_mute(false);
	if (status != CTL_WELL)
		fputs(ctl_ask_complaint(), stderr);
	return status;
}

static enum ctl_exit tell_other(json_int_t reached)
{
	fputs(reached == 0 ? "ftpctl: the server was started anew meanwhile; the log tells why\n"
			   : "ftpctl: another reload has begun meanwhile; the log tells what came "
			     "of this one\n",
		stderr);
	return CTL_REFUSED;
}

/* The server answers at once that it has begun; what comes of it is asked for until it is there. */
static enum ctl_exit wait_for_outcome(const struct begun *begun, json_t **outcome)
{
	enum ctl_exit status = ask_outcome(begun, outcome);

	while (status == CTL_WELL) {
		json_int_t reached = json_integer_value(json_object_get(*outcome, "number"));

		if (reached == begun->number && strcmp(text_of(*outcome, "phase"), "done") == 0)
			return CTL_WELL;
		json_decref(*outcome);
		*outcome = NULL;
		if (reached != begun->number)
			return tell_other(reached);
		pause_a_little();
		status = ask_outcome(begun, outcome);
	}
	return status;
}

/* ---- showing ---- */

static void print_value(FILE *out, const char *value)
{
	fprintf(out, "%s%s%s", value[0] ? "" : "\"", value, value[0] ? "" : "\"");
}

static void print_change(FILE *out, const json_t *change)
{
	const char *old = text_of(change, "old"), *new = text_of(change, "new");
	const char *option = text_of(change, "option");
	bool item = json_is_true(json_object_get(change, "item"));

	fprintf(out, "  %s: ", option);
	if (item && !old[0]) {
		fprintf(out, "%s, new", new);
	} else if (item && !new[0]) {
		fprintf(out, "%s, gone", old);
	} else {
		print_value(out, old);
		fputs(" -> ", out);
		print_value(out, new);
	}
	fprintf(out, "  (%s)\n", text_of(change, "takes"));
}

static void print_workers(FILE *out, const json_t *outcome, size_t changes)
{
	bool dry = json_is_true(json_object_get(outcome, "dry_run"));
	bool replaced = strcmp(text_of(outcome, "workers"), "replaced") == 0;

	if (changes == 0)
		fputs("Nothing has changed in the config.\n", out);
	else if (replaced)
		fputs(dry ? "New workers would be started, and those of now retired.\n"
			  : "New workers serve; those of before finish what their clients do.\n",
			out);
	else
		fputs(dry ? "The workers would stay.\n" : "The workers stay, and know of it.\n",
			out);
}

static enum ctl_exit print_outcome(const json_t *outcome)
{
	const json_t *refused = json_object_get(outcome, "refused");
	const json_t *changes = json_object_get(outcome, "changes");

	for (size_t i = 0; i < json_array_size(refused); i++)
		fprintf(stderr, "%s\n", json_string_value(json_array_get(refused, i)));
	if (refused) {
		fputs("ftpctl: refused; nothing has changed\n", stderr);
		return CTL_REFUSED;
	}
	for (size_t i = 0; i < json_array_size(changes); i++)
		print_change(stdout, json_array_get(changes, i));
	print_workers(stdout, outcome, json_array_size(changes));
	return CTL_WELL;
}

/* Has it done, waits, and shows what came of it by `print`. */
static enum ctl_exit order(const struct ctl_wish *wish, const char *question,
	enum ctl_exit (*print)(const json_t *outcome))
{
	json_t *answer, *outcome = NULL;
	enum ctl_exit status = ctl_ask(wish->socket, question, &answer);
	json_int_t silence = json_integer_value(json_object_get(answer, "silence_seconds"));
	const struct begun begun = {wish->socket,
		json_integer_value(json_object_get(answer, "reload")),
		silence > 0 ? (silence + SILENCE_GRACE_SECONDS) * 1000 : 0};

	json_decref(answer);
	if (status == CTL_WELL && wish->no_wait)
		return status;
	if (status == CTL_WELL)
		status = wait_for_outcome(&begun, &outcome);
	if (status != CTL_WELL)
		return status;
	if (wish->json)
		ctl_print_json(stdout, outcome);
	if (!wish->json)
		status = print(outcome);
	else if (json_object_get(outcome, "refused"))
		status = CTL_REFUSED;
	json_decref(outcome);
	return status;
}

enum ctl_exit ctl_reload(const struct ctl_wish *wish, int argc, char **argv)
{
	(void)argc;
	(void)argv;
	return order(wish, wish->dry_run ? "reload dry-run" : "reload", print_outcome);
}

static enum ctl_exit print_upgrade(const json_t *outcome)
{
	if (json_object_get(outcome, "refused"))
		return print_outcome(outcome);
	printf("ftpool %s serves; the workers of before finish what their clients do.\n",
		text_of(outcome, "version"));
	return CTL_WELL;
}

enum ctl_exit ctl_upgrade(const struct ctl_wish *wish, int argc, char **argv)
{
	char question[PATH_MAX + 10] = "upgrade";
	char *path = argc > 0 ? realpath(argv[0], NULL) : NULL;

	if (argc > 0 && !path) {
		fprintf(stderr, "ftpctl: %s: %s\n", argv[0], strerror(errno));
		return CTL_USAGE;
	}
	if (path)
		snprintf(question, sizeof(question), "upgrade %s", path);
	free(path);
	return order(wish, question, print_upgrade);
}
