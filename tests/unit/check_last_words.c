#include "worker/last_words.h"

#include "common/log.h"
#include "tests/unit/suite.h"

#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

static int given_memory;
static bool given_up;

/* A worker that dies by the signal; what it left in the log. */
static void die_by(int number, char *log, size_t size)
{
	struct rlimit no_core = {0, 0};
	int tube[2], status;
	size_t length = 0;
	ssize_t got;
	pid_t child;

	ck_assert_int_eq(pipe(tube), 0);
	child = fork();
	if (child == 0) {
		setrlimit(RLIMIT_CORE, &no_core);
		if (log_adopt(tube[1]) == 0) {
			last_words_install(7, given_memory);
			if (given_up)
				last_words_unread();
			raise(number);
		}
		_exit(0);
	}
	close(tube[1]);
	while ((got = read(tube[0], log + length, size - 1 - length)) > 0)
		length += (size_t)got;
	log[length] = '\0';
	close(tube[0]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == number, "%s: status %x",
		strsignal(number), (unsigned int)status);
}

START_TEST(signal_and_backtrace_are_told)
{
	static const int deadly[] = {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL};
	static char log[20000];
	char words[60];

	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++) {
		die_by(deadly[i], log, sizeof(log));
		snprintf(words, sizeof(words), "worker=7 signal=%d\n", deadly[i]);
		ck_assert_msg(strstr(log, words), "%s", log);
		/* At least one frame behind it. */
		ck_assert_msg(strstr(strchr(log, '\n'), "["), "%s", log);
	}
}
END_TEST

/* What a worker with that memory wrote to the log, and to the memory. */
static void die_with_memory(bool unread, char *log, size_t size, char *said, size_t room)
{
	int memory = memfd_create("words", 0);
	ssize_t got;

	ck_assert_int_gt(memory, 0);
	given_memory = memory;
	given_up = unread;
	die_by(SIGSEGV, log, size);
	given_memory = 0;
	given_up = false;
	got = pread(memory, said, room - 1, 0);
	ck_assert_int_ge(got, 0);
	said[got] = '\0';
	close(memory);
}

START_TEST(who_has_a_reader_writes_nothing_into_the_log)
{
	static char log[20000], said[20000];

	die_with_memory(false, log, sizeof(log), said, sizeof(said));
	ck_assert_str_eq(log, "");
	ck_assert_ptr_nonnull(strstr(said, "worker=7 signal=11\n"));
	die_with_memory(true, log, sizeof(log), said, sizeof(said));
	ck_assert_ptr_nonnull(strstr(log, "worker=7 signal=11\n"));
	ck_assert_str_eq(said, "");
}
END_TEST

SUITE(last_words, signal_and_backtrace_are_told, who_has_a_reader_writes_nothing_into_the_log)
