#include "client/ctl_bans.h"

#include "client/ctl_print.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { QUESTION = 512 };

static void print_ban(FILE *out, const json_t *ban)
{
	const json_t *left = json_object_get(ban, "seconds_left");
	long long failures = json_integer_value(json_object_get(ban, "failures"));
	char time[CTL_AGE] = "for good", count[24] = "-";

	if (left)
		ctl_age(time, json_number_value(left));
	if (failures > 0)
		snprintf(count, sizeof(count), "%lld", failures);
	fprintf(out, "%-26s  %-12s  %8s  %s\n", json_string_value(json_object_get(ban, "address")),
		time, count, json_string_value(json_object_get(ban, "reason")));
}

void ctl_print_bans(FILE *out, const json_t *answer)
{
	const json_t *bans = json_object_get(answer, "bans");

	fputs("ADDRESS                     TIME LEFT     FAILURES  REASON\n", out);
	for (size_t i = 0; i < json_array_size(bans); i++)
		print_ban(out, json_array_get(bans, i));
}

void ctl_print_unban(FILE *out, const json_t *answer)
{
	long long bans = json_integer_value(json_object_get(answer, "bans"));
	const char *address = json_string_value(json_object_get(answer, "address"));

	if (address)
		fprintf(out, "lifted: %s\n", address);
	else
		fprintf(out, "lifted: %lld ban%s\n", bans, bans == 1 ? "" : "s");
}

/* "90", "15m", "2h", "7d" as seconds; -1: it is no time. */
static long long read_time(const char *text)
{
	static const struct {
		const char *unit;
		long long seconds;
	} units[] = {{"", 1}, {"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
	char *end;
	long long number;

	errno = 0;
	number = strtoll(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || errno != 0 || number == 0 || number > 1000000000)
		return -1;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].unit) == 0)
			return number * units[i].seconds;
	}
	return -1;
}

static enum ctl_exit refuse_usage(const char *what)
{
	fprintf(stderr, "ftpctl: ban: %s\n", what);
	return CTL_USAGE;
}

enum ctl_exit ctl_ban(const struct ctl_wish *wish, int argc, char **argv)
{
	const char *reason = wish->reason ? wish->reason : "";
	long long seconds = wish->time ? read_time(wish->time) : 0;
	char question[QUESTION];
	enum ctl_exit status;
	json_t *answer;

	(void)argc;
	if (seconds < 0)
		return refuse_usage("--time takes one such as 90, 15m, 2h or 7d");
	if (strpbrk(argv[0], " \r\n") || strpbrk(reason, "\r\n"))
		return refuse_usage("an address is a word, and a reason is a line");
	if (snprintf(question, sizeof(question), "ban %s %lld %s", argv[0], seconds, reason) >=
		(int)sizeof(question) - 1)
		return refuse_usage("that is too long");
	status = ctl_ask(wish->socket, question, &answer);
	if (status != CTL_WELL)
		return status;
	if (wish->json)
		ctl_print_json(stdout, answer);
	else
		printf("banned: %s\n", json_string_value(json_object_get(answer, "address")));
	json_decref(answer);
	return CTL_WELL;
}
