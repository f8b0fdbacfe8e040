#include "client/arguments.h"

#include "client/language.h"
#include "client/report.h"
#include "client/trouble.h"
#include "common/lgpq_field.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

enum { HELP = 256, VERSION, MOST_TIMEOUT_SECONDS = 24 * 3600, LIST_AGE_MS = 1000 };

static const struct option long_options[] = {
	{"continue", no_argument, NULL, 'c'},
	{"output", required_argument, NULL, 'o'},
	{"long", no_argument, NULL, 'l'},
	{"quiet", no_argument, NULL, 'q'},
	{"timeout", required_argument, NULL, 't'},
	{"help", no_argument, NULL, HELP},
	{"version", no_argument, NULL, VERSION},
	{NULL, 0, NULL, 0},
};

static void usage(FILE *stream)
{
	fputs(_("usage: ftpool [-q] [-t SECONDS] HOST[:PORT] [PORT]\n"
		"       ftpool [options] HOST[:PORT] [PORT] list [-l]\n"
		"       ftpool [options] HOST[:PORT] [PORT] get [-c] [-o PATH] FILE...\n"
		"       ftpool [options] HOST[:PORT] [PORT] put [-c] [-o NAME] FILE...\n"),
		stream);
}

static void help(void)
{
	usage(stdout);
	puts(_("\n"
	       "Without a command the menu is shown.\n"
	       "\n"
	       "  -c, --continue         go on with a transfer that broke off\n"
	       "  -o, --output=NAME      the name that the file gets; for get also a directory,\n"
	       "                         or - for standard output\n"
	       "  -l, --long             list sizes and times to the last digit\n"
	       "  -q, --quiet            say nothing but what went wrong\n"
	       "  -t, --timeout=SECONDS  give up after so long a silence (10 to connect, else 60)\n"
	       "      --help, --version\n"
	       "\n"
	       "Exit status: 0 all is well, 1 a file failed, 2 usage, 3 no connection,\n"
	       "4 a checksum was wrong twice."));
}

static int take_option(struct arguments *arguments, int option)
{
	int64_t seconds;

	if (order_option(&arguments->order, option, optarg))
		return 0;
	switch (option) {
	case 'q': arguments->quiet = true; return 0;
	case 't':
		if (lgpq_field_number(&seconds, optarg, strlen(optarg)) || seconds < 1 ||
			seconds > MOST_TIMEOUT_SECONDS)
			return trouble_set(-EINVAL,
				_("-t: %s is not a number of seconds from 1 to %d"), optarg,
				MOST_TIMEOUT_SECONDS);
		arguments->timeout_seconds = (int)seconds;
		return 0;
	case HELP:
		help();
		arguments->done = true;
		return 0;
	case VERSION:
		puts("ftpool " FTPOOL_VERSION);
		arguments->done = true;
		return 0;
	default:
		/* getopt has said it, in the user's language. */
		return trouble_set(-EINVAL, "%s", "");
	}
}

/* HOST, perhaps PORT; returns how many words they are, or -EINVAL. */
static int take_server(struct hostport *server, int count, char **words)
{
	uint16_t port;

	if (count == 0)
		return trouble_set(-EINVAL, _("which server?"));
	if (hostport_parse(server, words[0]))
		return trouble_set(-EINVAL, _("%s is neither HOST nor HOST:PORT"), words[0]);
	if (count == 1 || order_verb_of(words[1], false) != ORDER_UNKNOWN)
		return 1;
	if (hostport_parse_port(&port, words[1]))
		return trouble_set(
			-EINVAL, _("%s is neither a port (1 to 65535) nor a command"), words[1]);
	if (server->port_given && server->port != port)
		return trouble_set(-EINVAL, _("two ports: %u and %u"), server->port, port);
	server->port = port;
	return 2;
}

static int take_words(struct arguments *arguments, int count, char **words)
{
	struct order *order = &arguments->order;
	int taken = take_server(&arguments->server, count, words);

	if (taken < 0)
		return taken;
	order->verb = ORDER_UNKNOWN;
	if (taken == count) {
		if (order->resume || order->output || order->detailed)
			return trouble_set(-EINVAL, _("-c, -o and -l go with a command"));
		return 0;
	}
	order->verb = order_verb_of(words[taken], false);
	if (order->verb > ORDER_PUT)
		return trouble_set(-EINVAL, _("%s is not one of list, get, put"), words[taken]);
	order->age_ms = LIST_AGE_MS;
	order->name = words + taken + 1;
	order->count = count - taken - 1;
	return order_check(order);
}

int arguments_parse(struct arguments *arguments, int argc, char **argv)
{
	int option, result = 0;

	*arguments = (struct arguments){0};
	while (!result && !arguments->done &&
		(option = getopt_long(argc, argv, "co:lqt:", long_options, NULL)) != -1)
		result = take_option(arguments, option);
	if (!result && !arguments->done)
		result = take_words(arguments, argc - optind, argv + optind);
	if (result) {
		if (*trouble_text())
			report_trouble(NULL);
		usage(stderr);
	}
	return result;
}
