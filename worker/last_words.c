#include "worker/last_words.h"

#include "common/log.h"

#include <execinfo.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { FRAMES = 64, ALTERNATE_STACK = 64 * 1024 };

static uint32_t my_slot;
static void (*also)(int descriptor);
static volatile sig_atomic_t my_memory; /* 0: nobody reads it */

/* Only what is safe in a signal handler (signal-safety(7)). */
static void say_signal(int signal_number, int place)
{
	static const char text[] = "worker: died worker=";
	char line[64];
	size_t length = sizeof(text) - 1;
	uint32_t numbers[] = {my_slot, (uint32_t)signal_number};

	memcpy(line, text, length);
	for (size_t i = 0; i < 2; i++) {
		char digits[12];
		size_t count = 0;

		do {
			digits[count++] = (char)('0' + numbers[i] % 10);
			numbers[i] /= 10;
		} while (numbers[i] > 0);
		while (count > 0)
			line[length++] = digits[--count];
		if (i == 0) {
			memcpy(line + length, " signal=", 8);
			length += 8;
		}
	}
	line[length++] = '\n';
	(void)!write(place, line, length);
}

static void on_death(int signal_number)
{
	int place = my_memory > 0 ? my_memory : log_descriptor();
	void *frames[FRAMES];

	say_signal(signal_number, place);
	backtrace_symbols_fd(frames, backtrace(frames, FRAMES), place);
	if (also)
		also(place);
	/* SA_RESETHAND has put the default back: returning repeats a fault, and it ends us. */
	raise(signal_number);
}

void last_words_install(uint32_t slot, int memory)
{
	static const int deadly[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
	static char stack[ALTERNATE_STACK];
	stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
	struct sigaction action = {.sa_handler = on_death, .sa_flags = SA_RESETHAND | SA_ONSTACK};
	void *first[1];

	my_slot = slot;
	my_memory = memory;
	(void)backtrace(first, 1);
	sigaltstack(&alternate, NULL);
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		sigaction(deadly[i], &action, NULL);
}

void last_words_unread(void)
{
	my_memory = 0;
}

void last_words_also(void (*say)(int descriptor))
{
	also = say;
}
