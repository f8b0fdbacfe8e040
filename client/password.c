#include "client/password.h"

#include "client/interrupt.h"
#include "client/language.h"
#include "client/trouble.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* The line up to its end. */
static int read_line(int terminal, char *line, size_t size)
{
	struct pollfd watched[] = {
		{.fd = terminal, .events = POLLIN},
		{.fd = interrupt_descriptor(), .events = POLLIN},
	};
	size_t used = 0;

	for (;;) {
		ssize_t got;

		poll(watched, 2, -1);
		if (interrupt_pending())
			return trouble_set(-ECANCELED, _("interrupted"));
		if (!watched[0].revents)
			continue;
		got = read(terminal, line + used, 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return trouble_set(-ECANCELED, _("no password was given"));
		if (line[used] == '\n')
			break;
		if (++used == size)
			return trouble_set(-ENAMETOOLONG, "%s", strerror(ENAMETOOLONG));
	}
	line[used] = '\0';
	return 0;
}

int password_ask(const char *question, char *password, size_t size)
{
	int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
	struct termios before, silent;
	int result;

	if (terminal < 0)
		return -ENOTTY;
	if (tcgetattr(terminal, &before) < 0) {
		close(terminal);
		return -ENOTTY;
	}
	silent = before;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	/* What was typed ahead was not typed for this: it is dropped. */
	tcsetattr(terminal, TCSAFLUSH, &silent);
	dprintf(terminal, "%s", question);
	result = read_line(terminal, password, size);
	tcsetattr(terminal, TCSANOW, &before);
	dprintf(terminal, "\n");
	close(terminal);
	return result;
}
