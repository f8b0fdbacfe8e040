#include "supervisor/tidings.h"

#include "common/back_off.h"
#include "common/channel.h"
#include "common/log.h"
#include "supervisor/birth.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	GOOD_LIFE_MS = 10000,
	REST_SHORTEST_MS = 100,
	REST_LONGEST_MS = 30000,
	LEAVE_MS = 8000,
	KILL_MS = 1000
};

void tidings_init(struct tidings *tidings, const struct config *config, const struct state *state)
{
	*tidings = (struct tidings){.config = config,
		.state = state,
		.channel = -1,
		.place = {.directory = -1, .lock = -1},
		.raw = {.directory = -1, .lock = -1}};
}

int tidings_prepare(struct tidings *tidings, const struct config *config)
{
	int error;

	if (!config_has_events(config) || tidings->raw.directory >= 0)
		return 0;
	event_raw_boot(tidings->boot);
	error = state_open_below(&tidings->place, tidings->state, TIDINGS_DIRECTORY);
	if (error == 0)
		error = state_open_below(&tidings->raw, &tidings->place, HERALD_RAW);
	if (error < 0) {
		state_close(&tidings->place);
		log_error("events: the journal's directory cannot be had", "error=\"%s\"",
			strerror(-error));
	}
	return error;
}

static void close_channel(struct tidings *tidings)
{
	if (tidings->channel >= 0)
		close(tidings->channel);
	tidings->channel = -1;
}

static bool same_program(const struct config_list *a, const struct config_list *b)
{
	size_t i = 0;

	while (i < a->count && i < b->count && strcmp(a->items[i], b->items[i]) == 0)
		i++;
	return i == a->count && i == b->count;
}

/* The next one waits until it has left, and begins where it ended: what is uploaded from now on is
 * told of by that one. */
void tidings_configure(struct tidings *tidings, const struct config *config)
{
	const struct config *old = tidings->config;
	bool same = old->events_keep_seconds == config->events_keep_seconds &&
		    old->events_size == config->events_size && old->sync == config->sync &&
		    old->on_upload_timeout_seconds == config->on_upload_timeout_seconds &&
		    same_program(&old->on_upload, &config->on_upload);

	tidings->config = config;
	if (same || tidings->pid == 0)
		return;
	tidings->told_to_leave = true;
	(void)channel_send(tidings->channel, CHANNEL_DRAIN, "", -1);
	close_channel(tidings);
}

/* The end of its channel tells it to leave. */
void tidings_close(struct tidings *tidings)
{
	close_channel(tidings);
	if (tidings->pid > 0) {
		int process = (int)syscall(SYS_pidfd_open, tidings->pid, 0);
		struct pollfd end = {.fd = process, .events = POLLIN};

		if (process < 0 || poll(&end, 1, LEAVE_MS) <= 0)
			kill(tidings->pid, SIGKILL);
		/* One that looks at a file of a dead server may outlive even that. */
		if (process >= 0)
			(void)poll(&end, 1, KILL_MS);
		(void)waitpid(tidings->pid, NULL, process < 0 ? 0 : WNOHANG);
		if (process >= 0)
			close(process);
	}
	tidings->pid = 0;
	state_close(&tidings->raw);
	state_close(&tidings->place);
}

/* ---- files ---- */

/* The lock tells the herald that the writer is alive, so it is there before the name is. It is the
 * open file's, and goes with the last process that has it: the worker. */
int tidings_give(const struct tidings *tidings, const struct config *config, int *file)
{
	char name[EVENT_RAW_NAME], fresh[EVENT_RAW_NAME + 4];

	*file = -1;
	if (!config_has_events(config))
		return 0;
	event_raw_name(tidings->boot, name);
	snprintf(fresh, sizeof(fresh), "%s.new", name);
	*file = state_open_file(&tidings->raw, fresh, O_WRONLY | O_CREAT | O_EXCL | O_APPEND);
	if (*file < 0)
		return *file;
	if (flock(*file, LOCK_EX | LOCK_NB) == 0 &&
		renameat(tidings->raw.directory, fresh, tidings->raw.directory, name) == 0)
		return 0;

	int error = -errno;

	close(*file);
	*file = -1;
	(void)unlinkat(tidings->raw.directory, fresh, 0);
	return error;
}

/* ---- the process ---- */

static void note_death(struct tidings *tidings, int64_t now_ms)
{
	bool young = now_ms - tidings->since_ms < GOOD_LIFE_MS;

	tidings->young_deaths = young ? tidings->young_deaths + 1 : 0;
	tidings->rest_until_ms = now_ms;
	if (tidings->young_deaths > 1)
		tidings->rest_until_ms +=
			back_off_ms(tidings->young_deaths - 1, REST_SHORTEST_MS, REST_LONGEST_MS);
	tidings->pid = 0;
	close_channel(tidings);
}

bool tidings_bury(struct tidings *tidings, pid_t pid, int status, int64_t now_ms)
{
	if (tidings->pid == 0 || pid != tidings->pid)
		return false;
	if (tidings->told_to_leave && WIFEXITED(status))
		tidings->since_ms = 0;
	else if (WIFSIGNALED(status))
		log_error("herald: killed", "pid=%d signal=%d name=\"%s\"", (int)pid,
			WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		log_error("herald: failed", "pid=%d status=%d", (int)pid, WEXITSTATUS(status));
	tidings->told_to_leave = false;
	note_death(tidings, now_ms);
	return true;
}

void tidings_tend(struct tidings *tidings, int64_t now_ms)
{
	struct herald_birthright birthright = {
		.config = tidings->config, .directory = tidings->place.directory};
	pid_t pid;

	if (!tidings_are_missing(tidings) || now_ms < tidings->rest_until_ms)
		return;
	tidings->since_ms = now_ms;
	pid = birth_fork_herald(&birthright, &tidings->channel);
	if (pid > 0) {
		tidings->pid = pid;
		return;
	}
	log_error("herald: cannot be forked", "error=\"%s\"", strerror(-pid));
	note_death(tidings, now_ms);
}

bool tidings_are_missing(const struct tidings *tidings)
{
	return tidings->place.directory >= 0 && tidings->pid == 0;
}

void tidings_hand_log(const struct tidings *tidings, int descriptor)
{
	if (tidings->channel >= 0)
		(void)channel_send(tidings->channel, CHANNEL_LOG, "", descriptor);
}

void tidings_tell_level(const struct tidings *tidings, const char *level)
{
	if (tidings->channel >= 0)
		(void)channel_send(tidings->channel, CHANNEL_LEVEL, level, -1);
}
