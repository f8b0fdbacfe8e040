#include "herald/program.h"

#include "common/back_off.h"
#include "common/clock.h"
#include "common/log.h"
#include "herald/program_run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REST_SHORTEST_MS = 1000, REST_LONGEST_MS = 300000, END_MS = 5000, DIGITS = 20 };

/* ---- how far it has got ---- */

/* Written over in one piece that no disk tears. */
static int store_position(struct program *program, uint64_t had)
{
	char text[DIGITS + 2];

	snprintf(text, sizeof(text), "%020" PRIu64 "\n", had);
	if (pwrite(program->positions, text, DIGITS + 1, 0) != DIGITS + 1)
		return -errno;
	program->had = had;
	return program->config->sync != SYNC_NONE && fdatasync(program->positions) < 0 ? -errno : 0;
}

static int load_position(struct program *program, uint64_t last)
{
	char text[DIGITS + 2] = "";
	ssize_t got = pread(program->positions, text, DIGITS + 1, 0);

	if (got < 0)
		return -errno;
	if (got == DIGITS + 1 && strspn(text, "0123456789") == DIGITS) {
		program->had = strtoull(text, NULL, 10);
		return 0;
	}
	return store_position(program, last);
}

int program_open(struct program *program, const struct config *config, int directory, uint64_t last)
{
	int error;

	*program = (struct program){.config = config,
		.positions = -1,
		.process = -1,
		.reader.segment = -1,
		.had = last};
	if (config->on_upload.count == 0)
		return 0;
	program->positions =
		openat(directory, "on_upload", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640);
	error = program->positions < 0 ? -errno : load_position(program, last);
	return error < 0 ? error : event_reader_open(&program->reader, directory, program->had);
}

/* ---- one run ---- */

static void note_failure(struct program *program, const char *what, int number, int64_t now_ms)
{
	int64_t rest = back_off_ms(++program->failures, REST_SHORTEST_MS, REST_LONGEST_MS);

	program->next_try_ms = now_ms + rest;
	log_warning("events: on_upload failed", "id=%ju %s=%d failures=%u again_in=%jd",
		(uintmax_t)program->reader.last, what, number, program->failures,
		(intmax_t)(rest / 1000));
}

static void note_success(struct program *program)
{
	int error = store_position(program, program->reader.last);

	if (error < 0)
		log_error("events: how far on_upload has got cannot be stored", "error=\"%s\"",
			strerror(-error));
	free(program->line);
	program->line = NULL;
	program->waiting = false;
	program->failures = 0;
}

static void start(struct program *program, int64_t now_ms)
{
	pid_t pid = program_run(&program->config->on_upload, program->line);

	if (pid < 0) {
		note_failure(program, "errno", (int)-pid, now_ms);
		return;
	}
	program->pid = pid;
	program->process = (int)syscall(SYS_pidfd_open, pid, 0);
	program->since_ms = now_ms;
	program->told_to_end = false;
}

static void kill_it(struct program *program, int number)
{
	/* Before it has its group, it has but itself. */
	if (kill(-program->pid, number) < 0)
		(void)kill(program->pid, number);
}

static void bury(struct program *program, int status, int64_t now_ms)
{
	if (program->process >= 0)
		close(program->process);
	program->process = -1;
	program->pid = 0;
	if (WIFSIGNALED(status))
		note_failure(program, "signal", WTERMSIG(status), now_ms);
	else if (WEXITSTATUS(status) != 0)
		note_failure(program, "status", WEXITSTATUS(status), now_ms);
	else
		note_success(program);
}

static void look_after(struct program *program, int64_t now_ms)
{
	int64_t age = now_ms - program->since_ms;
	int64_t most = (int64_t)program->config->on_upload_timeout_seconds * 1000;
	int status;

	if (waitpid(program->pid, &status, WNOHANG) == program->pid) {
		bury(program, status, now_ms);
		return;
	}
	if (age >= most + END_MS)
		kill_it(program, SIGKILL);
	else if (age >= most && !program->told_to_end)
		kill_it(program, SIGTERM);
	program->told_to_end = age >= most;
}

/* ---- one after the other ---- */

/* Events that are gone before their turn are told of by the journal. */
static void find_next(struct program *program)
{
	const char *line;
	int got = event_reader_next(&program->reader, &line);

	if (got < 0)
		log_error("events: the journal cannot be read", "error=\"%s\"", strerror(-got));
	if (got <= 0)
		return;
	program->line = strdup(line);
	program->waiting = program->line != NULL;
}

void program_tend(struct program *program, int64_t now_ms)
{
	if (program->positions < 0)
		return;
	if (program->pid > 0)
		look_after(program, now_ms);
	while (program->pid == 0) {
		if (!program->waiting)
			find_next(program);
		if (!program->waiting || now_ms < program->next_try_ms)
			return;
		start(program, now_ms);
	}
}

int program_patience(const struct program *program, int patience_ms, int64_t now_ms)
{
	int64_t left = patience_ms;

	if (program->pid > 0)
		left = program->since_ms - now_ms +
		       (int64_t)program->config->on_upload_timeout_seconds * 1000 +
		       (program->told_to_end ? END_MS : 0);
	else if (program->waiting)
		left = program->next_try_ms - now_ms;
	if (left > patience_ms)
		return patience_ms;
	return left > 0 ? (int)left : 0;
}

/* It will be run again for the same event, unless it ends well now. */
void program_close(struct program *program)
{
	int status = 0;

	if (program->pid > 0) {
		struct pollfd end = {.fd = program->process, .events = POLLIN};

		kill_it(program, SIGTERM);
		if (program->process < 0 || poll(&end, 1, END_MS) <= 0)
			kill_it(program, SIGKILL);
		if (waitpid(program->pid, &status, 0) == program->pid)
			bury(program, status, clock_ms());
	}
	event_reader_close(&program->reader);
	free(program->line);
	if (program->positions >= 0)
		close(program->positions);
	program->positions = -1;
}
