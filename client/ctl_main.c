/* ftpctl: asks a running server and gives it orders, through the status pipe. */
#include "client/ctl_ask.h"
#include "client/ctl_cert.h"
#include "client/ctl_print.h"
#include "client/ctl_user.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct wish {
	const char *socket;
	bool json;
	bool no_wait;
};

/* What each command asks, and how its answer is shown. */
static const struct command {
	const char *name;
	void (*print)(FILE *out, const json_t *answer);
	const char *help;
} commands[] = {
	{"status", ctl_print_status, "the whole service at a glance"},
	{"workers", ctl_print_workers, "the worker processes"},
	{"sessions", ctl_print_sessions, "who is connected, and doing what"},
	{"stop", NULL, "let transfers finish, then stop the server; wait for it"},
};

static void print_usage(FILE *out)
{
	fputs("Usage: ftpctl [--socket PATH] [--json] COMMAND\n"
	      "       ftpctl user COMMAND ...\n"
	      "       ftpctl cert COMMAND ...\n\n",
		out);
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].help);
	fputs("  user       accounts with a password; `ftpctl user --help` tells more\n"
	      "  cert       certificates for TLS; `ftpctl cert --help` tells more\n"
	      "\n"
	      "  --socket PATH  the server's status pipe; without it the service's is asked,\n"
	      "                 or else one that you run yourself\n"
	      "  --json         print the answer as JSON\n"
	      "  --no-wait      with stop: do not wait until the server has ended\n"
	      "  --version, --help\n"
	      "\n"
	      "Exit status: 0 well; 1 refused, or the service is degraded; 2 usage; 3 no server.\n",
		out);
}

static const struct command *find_command(const char *name)
{
	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		if (strcmp(commands[i].name, name) == 0)
			return &commands[i];
	}
	return NULL;
}

static void print_json(const json_t *answer)
{
	json_dumpf(answer, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(12));
	putchar('\n');
}

static enum ctl_exit verdict(const json_t *answer)
{
	const char *state = json_string_value(json_object_get(answer, "state"));

	return state && strcmp(state, "degraded") == 0 ? CTL_REFUSED : CTL_WELL;
}

static enum ctl_exit run(const struct wish *wish, const struct command *command)
{
	json_t *answer;
	enum ctl_exit status = ctl_ask(wish->socket, command->name, &answer);

	if (status != CTL_WELL)
		return status;
	if (wish->json)
		print_json(answer);
	else if (command->print)
		command->print(stdout, answer);
	status = verdict(answer);
	json_decref(answer);
	if (!command->print && !wish->no_wait)
		status = ctl_wait_until_gone(wish->socket);
	return fflush(stdout) == 0 ? status : CTL_REFUSED;
}

enum { OPTION_SOCKET = 256, OPTION_JSON, OPTION_NO_WAIT };

/* -1 to go on, else the exit status. */
static int take_option(struct wish *wish, int option)
{
	switch (option) {
	case OPTION_SOCKET: wish->socket = optarg; return -1;
	case OPTION_JSON: wish->json = true; return -1;
	case OPTION_NO_WAIT: wish->no_wait = true; return -1;
	case 'V': puts("ftpctl " FTPOOL_VERSION); return CTL_WELL;
	case 'h': print_usage(stdout); return CTL_WELL;
	default: print_usage(stderr); return CTL_USAGE;
	}
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"socket", required_argument, NULL, OPTION_SOCKET},
		{"json", no_argument, NULL, OPTION_JSON},
		{"no-wait", no_argument, NULL, OPTION_NO_WAIT},
		{"version", no_argument, NULL, 'V'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	struct wish wish = {0};
	const struct command *command;
	int option, status;

	if (argc > 1 && strcmp(argv[1], "user") == 0)
		return (int)ctl_user_run(argc - 1, argv + 1);
	if (argc > 1 && strcmp(argv[1], "cert") == 0)
		return (int)ctl_cert_run(argc - 1, argv + 1);
	while ((option = getopt_long(argc, argv, "Vh", options, NULL)) != -1) {
		status = take_option(&wish, option);
		if (status >= 0)
			return status;
	}
	command = optind + 1 == argc ? find_command(argv[optind]) : NULL;
	if (!command) {
		if (optind + 1 == argc)
			fprintf(stderr, "ftpctl: there is no command \"%s\"\n", argv[optind]);
		print_usage(stderr);
		return CTL_USAGE;
	}
	return (int)run(&wish, command);
}
