#include "client/arguments.h"

#include "client/language.h"
#include "client/report.h"
#include "client/trouble.h"
#include "common/lgpq_field.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
	HELP = 256,
	VERSION,
	TLS,
	CACERT,
	INSECURE,
	ACTIVE,
	MOST_TIMEOUT_SECONDS = 24 * 3600,
	LIST_AGE_MS = 1000
};

static const struct option long_options[] = {
	{"continue", no_argument, NULL, 'c'},
	{"output", required_argument, NULL, 'o'},
	{"long", no_argument, NULL, 'l'},
	{"quiet", no_argument, NULL, 'q'},
	{"timeout", required_argument, NULL, 't'},
	{"tls", no_argument, NULL, TLS},
	{"cacert", required_argument, NULL, CACERT},
	{"insecure", no_argument, NULL, INSECURE},
	{"active", no_argument, NULL, ACTIVE},
	{"help", no_argument, NULL, HELP},
	{"version", no_argument, NULL, VERSION},
	{NULL, 0, NULL, 0},
};

static void usage(FILE *stream)
{
	fputs(_("usage: ftpool [options] SERVER [PORT]\n"
		"       ftpool [options] SERVER [PORT] list [-l]\n"
		"       ftpool [options] SERVER [PORT] get [-c] [-o PATH] FILE...\n"
		"       ftpool [options] SERVER [PORT] put [-c] [-o NAME] FILE...\n"
		"SERVER is HOST[:PORT], or ftp://[USER@]HOST[:PORT][/DIR], or ftps://...\n"),
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
	       "      --tls              by TLS or not at all\n"
	       "      --cacert=FILE      trust the certificates of this file, not the system's\n"
	       "      --insecure         trust whoever answers: TLS without a look at "
	       "certificates\n"
	       "      --active           for FTP: the server makes the data connections\n"
	       "      --help, --version\n"
	       "\n"
	       "Exit status: 0 all is well, 1 a file failed, 2 usage, 3 no connection,\n"
	       "4 a checksum was wrong twice."));
}

static int take_timeout(struct route *route, const char *text)
{
	int64_t seconds;

	if (lgpq_field_number(&seconds, text, strlen(text)) || seconds < 1 ||
		seconds > MOST_TIMEOUT_SECONDS)
		return trouble_set(-EINVAL, _("-t: %s is not a number of seconds from 1 to %d"),
			text, MOST_TIMEOUT_SECONDS);
	route->timeout_seconds = (int)seconds;
	return 0;
}

static int take_cacert(struct route *route, const char *path)
{
	if (access(path, R_OK) < 0)
		return trouble_set(-EINVAL, _("cannot read %s: %s"), path, strerror(errno));
	route->cacert = path;
	return 0;
}

static int take_option(struct arguments *arguments, int option)
{
	if (order_option(&arguments->order, option, optarg))
		return 0;
	switch (option) {
	case 'q': arguments->quiet = true; return 0;
	case 't': return take_timeout(&arguments->route, optarg);
	case TLS: arguments->route.tls = true; return 0;
	case CACERT: return take_cacert(&arguments->route, optarg);
	case INSECURE: arguments->route.insecure = true; return 0;
	case ACTIVE: arguments->route.active = true; return 0;
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

/* Others can see the command line: the password of a URL is not left there. */
static void hide_password(char *word)
{
	char *authority = strstr(word, "://"), *at, *colon;

	if (!authority)
		return;
	authority += 3;
	at = memrchr(authority, '@', strcspn(authority, "/?#"));
	colon = at ? memchr(authority, ':', (size_t)(at - authority)) : NULL;
	if (colon)
		memset(colon + 1, '*', (size_t)(at - colon - 1));
}

static int take_location(struct route *route, char *word)
{
	struct location *location = &route->location;
	int result = location_parse(location, word);

	hide_password(word);
	if (result == -EPROTONOSUPPORT)
		return trouble_set(-EINVAL,
			_("%s: only ftp:// and ftps:// are spoken here, and LGPQ to HOST[:PORT]"),
			word);
	if (result)
		return trouble_set(-EINVAL,
			_("%s is neither HOST nor HOST:PORT nor ftp://[USER@]HOST[:PORT][/DIR]"),
			word);
	if (location->scheme == LOCATION_LGPQ && route->active)
		return trouble_set(-EINVAL, _("--active goes with ftp://"));
	if (location->scheme == LOCATION_LGPQ && (route->cacert || route->insecure) && !route->tls)
		return trouble_set(-EINVAL, _("--cacert and --insecure go with --tls"));
	if (route->cacert && route->insecure)
		return trouble_set(-EINVAL, _("either --cacert or --insecure"));
	return 0;
}

/* SERVER, perhaps PORT; returns how many words they are, or -EINVAL. */
static int take_server(struct route *route, int count, char **words)
{
	struct hostport *server = &route->location.server;
	uint16_t port;

	if (count == 0)
		return trouble_set(-EINVAL, _("which server?"));
	if (take_location(route, words[0]))
		return -EINVAL;
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
	int taken = take_server(&arguments->route, count, words);

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
