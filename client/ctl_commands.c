#include "client/ctl_commands.h"

#include "client/ctl_bans.h"
#include "client/ctl_cert.h"
#include "client/ctl_doctor.h"
#include "client/ctl_import.h"
#include "client/ctl_pool.h"
#include "client/ctl_events.h"
#include "client/ctl_print.h"
#include "client/ctl_reload.h"
#include "client/ctl_top.h"
#include "client/ctl_trace.h"
#include "client/ctl_quota.h"
#include "client/ctl_user.h"
#include "client/ctl_watch.h"

#include <string.h>

enum { QUESTION = 512 };

static enum ctl_exit run_stop(const struct ctl_wish *wish, int argc, char **argv)
{
	json_t *answer;
	enum ctl_exit status = ctl_ask(wish->socket, wish->now ? "stop now" : "stop", &answer);

	(void)argc;
	(void)argv;
	if (status != CTL_WELL)
		return status;
	if (wish->json)
		ctl_print_json(stdout, answer);
	json_decref(answer);
	return wish->no_wait ? CTL_WELL : ctl_wait_until_gone(wish->socket);
}

/* clang-format off */
const struct ctl_command ctl_commands[] = {
	{"status", "", 0, 0, "the whole service at a glance", .run = ctl_status},
	{"workers", "[NUMBER]", 0, 1, "the worker processes; or so many from now on", .run = ctl_workers},
	{"sessions", "", 0, 0, "who is connected, and doing what", .print = ctl_print_sessions},
	{"top", "[SECONDS]", 0, 1, "the sessions, live, over the whole terminal", .run = ctl_top_run},
	{"watch", "[SECONDS [LINES]]", 0, 2, "a line about the service each interval", .run = ctl_watch_run},
	{"show", "SESSION", 1, 1, "one session", .print = ctl_print_session},
	{"trace", "TARGET", 1, 1, "follow commands and replies of a SESSION, USER or ADDRESS", .run = ctl_trace_run},
	{"metrics", "", 0, 0, "all that is counted, as OpenMetrics text", .print = ctl_print_metrics},
	{"kick", "TARGET [REASON]", 1, 64, "end a SESSION, or those of a USER or ADDRESS", .print = ctl_print_order},
	{"bans", "", 0, 0, "which addresses are not let in, and why", .print = ctl_print_bans},
	{"ban", "ADDRESS[/BITS]", 1, 1, "let it in no more; see --time and --reason", .run = ctl_ban},
	{"unban", "ADDRESS|all", 1, 1, "let it in again", .print = ctl_print_unban},
	{"log-level", "LEVEL", 1, 1, "error, warning, info or debug, at once", .print = ctl_print_order},
	{"reopen", "", 0, 0, "open the log's file again", .print = ctl_print_order},
	{"drain", "[WORKER]", 0, 1, "replace all workers, or one: the old ones finish and leave", .print = ctl_print_drained},
	{"reload", "", 0, 0, "read the config again; nobody's transfer is lost by it", .run = ctl_reload},
	{"upgrade", "[PROGRAM]", 0, 1, "become another program; nobody's transfer is lost by it", .run = ctl_upgrade},
	{"events", "", 0, 0, "the journal of uploads; with --follow as they come", .run = ctl_events_run},
	{"quota", "[USER]", 0, 1, "what accounts have of what they may have", .run = ctl_quota_run},
	{"stop", "", 0, 0, "let transfers finish, then stop the server; wait for it", .run = run_stop},
	{"doctor", "[CHECK ...]", 0, 0, "looks for all that may be wrong; `ftpctl doctor --help` tells more", .run_alone = ctl_doctor_run},
	{"import", "FILE", 0, 0, "takes over what other servers have; `ftpctl import --help` tells more", .run_alone = ctl_import_run},
	{"user", "COMMAND ...", 0, 0, "accounts with a password; `ftpctl user --help` tells more", .run_alone = ctl_user_run},
	{"cert", "COMMAND ...", 0, 0, "certificates for TLS; `ftpctl cert --help` tells more", .run_alone = ctl_cert_run},
};
/* clang-format on */

const size_t ctl_command_count = sizeof(ctl_commands) / sizeof(ctl_commands[0]);

const struct ctl_command *ctl_command_find(const char *name)
{
	for (size_t i = 0; i < ctl_command_count; i++) {
		if (strcmp(ctl_commands[i].name, name) == 0)
			return &ctl_commands[i];
	}
	return NULL;
}

/* "name argument argument …", or false when that is no question for the pipe. */
static bool make_question(char question[QUESTION], const char *name, int argc, char **argv)
{
	size_t used = (size_t)snprintf(question, QUESTION, "%s", name);

	for (int i = 0; i < argc && used < QUESTION; i++) {
		if (strpbrk(argv[i], "\r\n"))
			return false;
		used += (size_t)snprintf(question + used, QUESTION - used, " %s", argv[i]);
	}
	return used < QUESTION - 1;
}

/* 1 for a service that is degraded, and for an order that a hung worker has not taken. */
static enum ctl_exit verdict(const json_t *answer)
{
	const char *state = json_string_value(json_object_get(answer, "state"));

	if (state && strcmp(state, "degraded") == 0)
		return CTL_REFUSED;
	return json_integer_value(json_object_get(answer, "silent")) > 0 ? CTL_REFUSED : CTL_WELL;
}

enum ctl_exit ctl_command_ask(
	const struct ctl_wish *wish, ctl_printer *print, const char *name, int argc, char **argv)
{
	char question[QUESTION];
	json_t *answer;
	enum ctl_exit status;

	if (!make_question(question, name, argc, argv)) {
		fprintf(stderr, "ftpctl: %s: too long, or more than a line\n", name);
		return CTL_USAGE;
	}
	status = ctl_ask(wish->socket, question, &answer);
	if (status != CTL_WELL)
		return status;
	if (wish->json)
		ctl_print_json(stdout, answer);
	else if (print)
		print(stdout, answer);
	status = verdict(answer);
	json_decref(answer);
	return status;
}

enum ctl_exit ctl_command_run(
	const struct ctl_command *command, const struct ctl_wish *wish, int argc, char **argv)
{
	enum ctl_exit status =
		command->run ? command->run(wish, argc, argv)
			     : ctl_command_ask(wish, command->print, command->name, argc, argv);

	return fflush(stdout) == 0 ? status : CTL_REFUSED;
}
