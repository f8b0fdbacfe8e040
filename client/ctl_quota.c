#include "client/ctl_quota.h"

#include "client/ctl_print.h"

#include <poll.h>
#include <string.h>

enum { LOOK_AGAIN_MS = 50, QUESTION = 400, AMOUNT = 24 };

static enum ctl_exit ask(
	const struct ctl_wish *wish, const char *word, const char *name, json_t **answer)
{
	char question[QUESTION];
	int length = snprintf(
		question, sizeof(question), "%s%s%s", word, name ? " " : "", name ? name : "");

	if (length >= (int)sizeof(question) || strpbrk(question, "\r\n")) {
		fprintf(stderr, "ftpctl: that can be no account's name\n");
		return CTL_USAGE;
	}
	return ctl_ask(wish->socket, question, answer);
}

static json_int_t number(const json_t *row, const char *key)
{
	return json_integer_value(json_object_get(row, key));
}

/* A limit of 0 is none. */
static char *limit(char text[AMOUNT], json_int_t most)
{
	if (most == 0)
		snprintf(text, AMOUNT, "-");
	else
		snprintf(text, AMOUNT, "%" JSON_INTEGER_FORMAT, most);
	return text;
}

static void print(const json_t *answer)
{
	const json_t *rows = json_object_get(answer, "quotas");
	char bytes[AMOUNT], files[AMOUNT];

	printf("%-16s %16s %16s %10s %10s\n", "USER", "BYTES", "OF", "FILES", "OF");
	for (size_t i = 0; i < json_array_size(rows); i++) {
		const json_t *row = json_array_get(rows, i);

		printf("%-16s %16" JSON_INTEGER_FORMAT " %16s %10" JSON_INTEGER_FORMAT " %10s%s\n",
			json_string_value(json_object_get(row, "user")), number(row, "bytes"),
			limit(bytes, number(row, "bytes_limit")), number(row, "files"),
			limit(files, number(row, "files_limit")),
			json_is_true(json_object_get(row, "counted")) ? "" : "  to be counted");
	}
}

static enum ctl_exit show(const struct ctl_wish *wish, const char *name)
{
	json_t *answer;
	enum ctl_exit status = ask(wish, "quota", name, &answer);

	if (status != CTL_WELL)
		return status;
	if (wish->json)
		ctl_print_json(stdout, answer);
	else
		print(answer);
	json_decref(answer);
	return CTL_WELL;
}

/* Until nobody counts any more. */
static enum ctl_exit await_count(const struct ctl_wish *wish)
{
	bool counting = true;

	while (counting) {
		json_t *answer;
		enum ctl_exit status = ask(wish, "quota", NULL, &answer);

		if (status != CTL_WELL)
			return status;
		counting = json_is_true(json_object_get(answer, "counting"));
		json_decref(answer);
		if (counting)
			(void)poll(NULL, 0, LOOK_AGAIN_MS);
	}
	return CTL_WELL;
}

static enum ctl_exit recount(const struct ctl_wish *wish)
{
	json_t *answer;
	enum ctl_exit status = await_count(wish);

	if (status == CTL_WELL)
		status = ask(wish, "recount", wish->recount, &answer);
	if (status != CTL_WELL)
		return status;
	json_decref(answer);
	return wish->no_wait ? CTL_WELL : await_count(wish);
}

enum ctl_exit ctl_quota_run(const struct ctl_wish *wish, int argc, char **argv)
{
	const char *name = argc > 0 ? argv[0] : NULL;

	if (wish->recount) {
		enum ctl_exit status = recount(wish);

		if (status != CTL_WELL || wish->no_wait)
			return status;
		if (!name && strcmp(wish->recount, "all") != 0)
			name = wish->recount;
	}
	return show(wish, name);
}
