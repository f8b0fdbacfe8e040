#include "client/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

static int bell = -1;
static volatile sig_atomic_t interrupted;
static volatile sig_atomic_t final;

static void note(int signal_number)
{
	int saved = errno;
	uint64_t one = 1;
	ssize_t written;

	if (signal_number == SIGINT)
		interrupted = 1;
	else
		final = signal_number;
	written = write(bell, &one, sizeof(one));
	(void)written; /* It fails only when full: readable then, which is all it is for. */
	errno = saved;
}

int interrupt_init(void)
{
	static const int noted[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = note};

	bell = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (bell < 0)
		return -errno;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(noted) / sizeof(*noted); i++)
		sigaction(noted[i], &action, NULL);
	signal(SIGPIPE, SIG_IGN);
	return 0;
}

int interrupt_descriptor(void)
{
	return bell;
}

bool interrupt_pending(void)
{
	return interrupted || final;
}

void interrupt_clear(void)
{
	uint64_t count;
	ssize_t taken;

	if (final)
		return;
	interrupted = 0;
	taken = read(bell, &count, sizeof(count));
	(void)taken; /* It fails when the bell had not rung. */
}

int interrupt_final(void)
{
	return final;
}

void interrupt_die(int signal_number)
{
	signal(signal_number, SIG_DFL);
	raise(signal_number);
	_exit(128 + signal_number);
}
