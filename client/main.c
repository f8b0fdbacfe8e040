/* ftpool: the client of the file library. */
#include "client/arguments.h"
#include "client/display.h"
#include "client/interrupt.h"
#include "client/language.h"
#include "client/menu.h"
#include "client/remote.h"
#include "client/report.h"
#include "client/trouble.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static enum order_outcome serve(const struct arguments *arguments, struct remote *remote)
{
	const struct hostport *server = &arguments->route.location.server;
	bool menu = arguments->order.verb == ORDER_UNKNOWN;

	if (!menu)
		return order_run(&arguments->order, remote);
	if (isatty(STDIN_FILENO))
		report_note(_("Connected to %s, port %u: %s."), server->host, server->port,
			_(remote->protocol->title));
	report_init(true, arguments->quiet);
	return menu_run(remote);
}

static enum order_outcome run(const struct arguments *arguments)
{
	struct remote remote;
	enum order_outcome outcome;
	int result = remote_open(&remote, &arguments->route);

	if (result) {
		report_trouble(arguments->route.location.server.host);
		return order_outcome_of(result);
	}
	outcome = serve(arguments, &remote);
	remote_close(&remote);
	return outcome;
}

int main(int argc, char **argv)
{
	struct arguments arguments;
	enum order_outcome outcome;

	language_init();
	if (arguments_parse(&arguments, argc, argv))
		return ORDER_USAGE;
	if (arguments.done)
		return ORDER_WELL;
	report_init(false, arguments.quiet);
	if (interrupt_init()) {
		trouble_set(-errno, "%s", strerror(errno));
		report_trouble(NULL);
		return ORDER_FAILED;
	}
	outcome = run(&arguments);
	if (interrupt_final())
		interrupt_die(interrupt_final());
	if (interrupt_pending())
		interrupt_die(SIGINT);
	if (fflush(stdout) == EOF || ferror(stdout)) {
		trouble_set(-EIO, _("cannot write to standard output"));
		report_trouble(NULL);
		return outcome > ORDER_FAILED ? outcome : ORDER_FAILED;
	}
	return outcome;
}
