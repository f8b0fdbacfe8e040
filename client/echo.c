#include "client/echo.h"

#include <stdbool.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static bool hushed;

static bool in_foreground(void)
{
	return tcgetpgrp(STDIN_FILENO) == getpgrp();
}

void echo_hush(void)
{
	struct termios quiet;

	if (hushed || !in_foreground() || tcgetattr(STDIN_FILENO, &before) < 0)
		return;
	quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	hushed = tcsetattr(STDIN_FILENO, TCSANOW, &quiet) == 0;
}

void echo_restore(void)
{
	if (hushed && in_foreground())
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
	hushed = false;
}
