/* ftpctl: asks a running server and gives it orders, through the status pipe. */
#include "client/ctl_commands.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static void print_usage(FILE *out)
{
	fputs("Usage: ftpctl [--socket PATH] [--json] COMMAND [ARGUMENT ...]\n\n", out);
	for (size_t i = 0; i < ctl_command_count; i++) {
		char left[40];

		snprintf(left, sizeof(left), "%s %s", ctl_commands[i].name, ctl_commands[i].form);
		fprintf(out, "  %-25s %s\n", left, ctl_commands[i].help);
	}
	fputs("\n"
	      "  --socket PATH  the server's status pipe; without it the service's is asked,\n"
	      "                 or else one that you run yourself\n"
	      "  --json         print the answer as JSON\n"
	      "  --no-wait      with stop, reload, upgrade: do not wait until it is done\n"
	      "  --now          with stop: break off what runs\n"
	      "  --dry-run      with reload: only say what would change\n"
	      "  --time TIME    with ban: for so long, such as 90, 15m, 2h or 7d; else for good\n"
	      "  --reason TEXT  with ban: goes to its clients and into the log\n"
	      "  --crashes      with status: the workers that crashed lately, and what they did\n"
	      "  --follow       with events: go on with those to come\n"
	      "  --since ID     with events: begin behind that one\n"
	      "  --recount USER with quota: count the user's root anew, or everybody's (all)\n"
	      "  --version, --help\n"
	      "\n"
	      "Exit status: 0 well; 1 refused, or the service is degraded; 2 usage; 3 no server.\n",
		out);
}

enum {
	OPTION_SOCKET = 256,
	OPTION_JSON,
	OPTION_NO_WAIT,
	OPTION_DRY_RUN,
	OPTION_NOW,
	OPTION_TIME,
	OPTION_REASON,
	OPTION_CRASHES,
	OPTION_FOLLOW,
	OPTION_SINCE,
	OPTION_RECOUNT,
	OPTION_END
};

/* With which commands an option goes; those that are not here go with all. An order that does not
 * know --dry-run is not to be given by mistake. */
static const struct {
	const char *name, *commands;
} belongs[OPTION_END] = {
	[OPTION_NO_WAIT] = {"--no-wait", " stop reload upgrade quota "},
	[OPTION_NOW] = {"--now", " stop "},
	[OPTION_DRY_RUN] = {"--dry-run", " reload "},
	[OPTION_TIME] = {"--time", " ban "},
	[OPTION_REASON] = {"--reason", " ban "},
	[OPTION_CRASHES] = {"--crashes", " status "},
	[OPTION_FOLLOW] = {"--follow", " events "},
	[OPTION_SINCE] = {"--since", " events "},
	[OPTION_RECOUNT] = {"--recount", " quota "},
};

/* Which options were said. */
static bool said[OPTION_END];

static bool options_fit(const struct ctl_command *command)
{
	char word[40];

	snprintf(word, sizeof(word), " %s ", command->name);
	for (int i = OPTION_SOCKET; i < OPTION_END; i++) {
		if (!said[i] || !belongs[i].commands || strstr(belongs[i].commands, word))
			continue;
		fprintf(stderr, "ftpctl: %s does not go with %s\n", belongs[i].name, command->name);
		return false;
	}
	return true;
}

/* -1 to go on, else the exit status. */
static int take_option(struct ctl_wish *wish, int option)
{
	if (option >= OPTION_SOCKET)
		said[option] = true;
	switch (option) {
	case OPTION_SOCKET: wish->socket = optarg; return -1;
	case OPTION_JSON:
		wish->json = true;
		ctl_ask_json();
		return -1;
	case OPTION_NO_WAIT: wish->no_wait = true; return -1;
	case OPTION_NOW: wish->now = true; return -1;
	case OPTION_DRY_RUN: wish->dry_run = true; return -1;
	case OPTION_TIME: wish->time = optarg; return -1;
	case OPTION_REASON: wish->reason = optarg; return -1;
	case OPTION_CRASHES: wish->crashes = true; return -1;
	case OPTION_FOLLOW: wish->follow = true; return -1;
	case OPTION_SINCE: wish->since = optarg; return -1;
	case OPTION_RECOUNT: wish->recount = optarg; return -1;
	case 'V': puts("ftpctl " FTPOOL_VERSION); return CTL_WELL;
	case 'h': print_usage(stdout); return CTL_WELL;
	default: fputs("ftpctl --help tells all options\n", stderr); return CTL_USAGE;
	}
}

static int run(const struct ctl_wish *wish, int argc, char **argv)
{
	const struct ctl_command *command = argc > 0 ? ctl_command_find(argv[0]) : NULL;

	if (command && command->run_alone) {
		fprintf(stderr, "ftpctl: %s comes before its options\n", command->name);
		return CTL_USAGE;
	}
	if (command && !options_fit(command))
		return CTL_USAGE;
	if (command && argc - 1 >= command->least && argc - 1 <= command->most)
		return (int)ctl_command_run(command, wish, argc - 1, argv + 1);
	if (command)
		fprintf(stderr, "ftpctl: the form is: %s%s%s\n", command->name,
			command->form[0] ? " " : "", command->form);
	else if (argc > 0)
		fprintf(stderr, "ftpctl: there is no command \"%s\"; ftpctl --help tells all\n",
			argv[0]);
	else
		print_usage(stderr);
	return CTL_USAGE;
}

/* A command with options of its own, told where to ask before it is named, has those words as its
 * own: `ftpctl --socket PATH doctor`. */
static const struct ctl_command *find_alone(int argc, char **argv)
{
	const struct ctl_command *command;
	int at = 1;

	while (at < argc && strncmp(argv[at], "--", 2) == 0 && argv[at][2] != '\0')
		at += strcmp(argv[at], "--socket") == 0 ? 2 : 1;
	command = at < argc ? ctl_command_find(argv[at]) : NULL;
	if (!command || !command->run_alone)
		return NULL;
	for (char *name = argv[at]; at > 0; at--)
		argv[at] = at > 1 ? argv[at - 1] : name;
	return command;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"socket", required_argument, NULL, OPTION_SOCKET},
		{"json", no_argument, NULL, OPTION_JSON},
		{"no-wait", no_argument, NULL, OPTION_NO_WAIT},
		{"now", no_argument, NULL, OPTION_NOW},
		{"dry-run", no_argument, NULL, OPTION_DRY_RUN},
		{"time", required_argument, NULL, OPTION_TIME},
		{"reason", required_argument, NULL, OPTION_REASON},
		{"crashes", no_argument, NULL, OPTION_CRASHES},
		{"follow", no_argument, NULL, OPTION_FOLLOW},
		{"since", required_argument, NULL, OPTION_SINCE},
		{"recount", required_argument, NULL, OPTION_RECOUNT},
		{"version", no_argument, NULL, 'V'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	const struct ctl_command *alone = find_alone(argc, argv);
	struct ctl_wish wish = {0};
	int option, status;

	if (alone)
		return (int)alone->run_alone(argc - 1, argv + 1);
	while ((option = getopt_long(argc, argv, "Vh", options, NULL)) != -1) {
		status = take_option(&wish, option);
		if (status >= 0)
			return status;
	}
	return run(&wish, argc - optind, argv + optind);
}
