#include "supervisor/upgrade.h"

#include "common/clock.h"
#include "common/log.h"
#include "supervisor/birth.h"
#include "supervisor/handover_guard.h"
#include "supervisor/master.h"
#include "supervisor/notify.h"
#include "supervisor/reload_outcome.h"
#include "supervisor/trial.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUTPUT_MOST = 8192, ASKERS_MS = 3000 };

static void close_one(int *descriptor)
{
	if (*descriptor >= 0)
		close(*descriptor);
	*descriptor = -1;
}

void upgrade_init(struct upgrade *upgrade)
{
	*upgrade = (struct upgrade){.state = -1, .output = -1, .guardian = -1};
}

static void dismiss_guardian(struct upgrade *upgrade)
{
	handover_guard_tell(&(struct handover){.guardian = upgrade->guardian}, HANDOVER_DONE, 0);
	close_one(&upgrade->guardian);
}

void upgrade_close(struct upgrade *upgrade)
{
	if (upgrade->pid > 0)
		kill(upgrade->pid, SIGTERM);
	if (upgrade->state >= 0)
		handover_discard(upgrade->state);
	close_one(&upgrade->output);
	dismiss_guardian(upgrade);
	free(upgrade->path);
	free(upgrade->why);
	upgrade_init(upgrade);
}

static void refuse(struct master *master, const char *why)
{
	char text[OUTPUT_MOST];

	snprintf(text, sizeof(text), "%s", why);
	upgrade_close(&master->upgrade);
	reload_refuse(master, text);
}

/* ---- the trial ---- */

static int begin_trial(struct master *master)
{
	struct upgrade *upgrade = &master->upgrade;
	struct trial trial = {.path = upgrade->path,
		.argv = master->launch->argv,
		.seconds = master->config->upgrade_timeout_seconds};
	pid_t pid;

	upgrade->output = trial.output = memfd_create("ftpool trial", MFD_CLOEXEC);
	upgrade->state = trial.state = handover_write(master);
	if (!upgrade->path || upgrade->output < 0 || upgrade->state < 0)
		return -ENOMEM;
	pid = birth_fork_double(trial_run, &trial);
	/* The state is written again when it is time for the leap. */
	handover_discard(upgrade->state);
	upgrade->state = -1;
	if (pid < 0)
		return pid;
	upgrade->pid = pid;
	return 0;
}

int upgrade_begin(struct master *master, const char *path)
{
	int error = reload_reserve(master, RELOAD_PROVES);

	if (error < 0)
		return error;
	upgrade_init(&master->upgrade);
	master->upgrade.path = strdup(path ? path : master->launch->program);
	error = begin_trial(master);
	if (error < 0) {
		refuse(master, strerror(-error));
		return 0;
	}
	log_info("upgrade: begun", "program=\"%s\"", master->upgrade.path);
	return 0;
}

bool upgrade_bury(struct master *master, pid_t pid, int status)
{
	struct upgrade *upgrade = &master->upgrade;
	char text[OUTPUT_MOST];
	ssize_t got;

	if (upgrade->pid == 0 || pid != upgrade->pid)
		return false;
	upgrade->pid = 0;
	if (master->reload.phase != RELOAD_PROVES)
		return true;
	got = pread(upgrade->output, text, OUTPUT_MOST - 1, 0);
	text[got > 0 ? got : 0] = '\0';
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
		master->reload.phase = RELOAD_LEAPS;
		upgrade->give_up_ms = clock_ms() + ASKERS_MS;
	} else {
		refuse(master, text[0] ? text : "its trial was cut short");
	}
	return true;
}

/* ---- the leap ---- */

/* Comes back only if that cannot be: -errno. It has stood trial, and is leapt to without a guardian
 * where none can be had. */
static int leap_guarded(struct master *master)
{
	struct upgrade *upgrade = &master->upgrade;
	int ends[2], error = handover_guard_pair(ends);

	if (error < 0)
		return error;
	upgrade->guardian = ends[0];
	upgrade->state = handover_write(master);
	if (upgrade->state < 0) {
		close(ends[1]);
		return upgrade->state;
	}
	error = handover_guard_begin(
		upgrade->state, ends, upgrade->path, master->config->upgrade_timeout_seconds);
	if (error < 0)
		log_warning("upgrade: nobody guards it",
			"error=\"%s\" advice=\"a guardian needs Linux 5.3, and a process more\"",
			strerror(-error));
	log_info("upgrade: becoming another program", "program=\"%s\"", upgrade->path);
	return handover_leap(upgrade->state, upgrade->path, master->launch->argv);
}

/* Those who ask are answered first, since their connections end with this program. */
static void leap(struct master *master, int64_t now_ms)
{
	struct upgrade *upgrade = &master->upgrade;
	int error;

	if (!status_is_quiet(&master->status, true) && now_ms < upgrade->give_up_ms)
		return;
	error = leap_guarded(master);
	(void)status_is_quiet(&master->status, false);
	refuse(master, strerror(-error));
}

/* When the workers that failed are buried, nobody else knows of them. */
static void come_back(struct master *master)
{
	struct upgrade *upgrade = &master->upgrade;

	if (pool_processes_of(&master->pool, upgrade->abandoned) > 0 ||
		!status_is_quiet(&master->status, true))
		return;
	handover_return(&master->handover, &master->pool, upgrade->why);
	(void)status_is_quiet(&master->status, false);
	master_stop(master);
}

/* While there is a guardian, it has to end the new workers if this program dies. */
static void tell_births(struct master *master, int64_t now_ms)
{
	const struct pool *pool = &master->pool;

	for (uint32_t i = 0; i < pool->slot_count; i++) {
		const struct pool_slot *slot = &pool->slots[i];

		if (slot->generation == master->coming->number && slot->pid > 0 &&
			slot->since_ms >= master->upgrade.told_ms)
			handover_guard_tell(&master->handover, HANDOVER_BORN, slot->pid);
	}
	master->upgrade.told_ms = now_ms;
}

void upgrade_tend(struct master *master, int64_t now_ms)
{
	if (master->stopping)
		return;
	if (master->handover.guardian >= 0 && master->reload.phase == RELOAD_STARTS)
		tell_births(master, now_ms);
	if (master->reload.phase == RELOAD_LEAPS)
		leap(master, now_ms);
	else if (master->reload.phase == RELOAD_RETURNS)
		come_back(master);
	else if (master->reload.phase == RELOAD_STARTS && master->handover.old >= 0 &&
		 now_ms >= master->upgrade.give_up_ms)
		upgrade_fail(master, "its workers were not ready within upgrade_timeout");
}

void upgrade_fail(struct master *master, const char *why)
{
	log_error("upgrade: going back", "reason=\"%s\"", why);
	master->upgrade.why = strdup(why);
	master->upgrade.abandoned = master->coming->number;
	master_abandon_generation(master);
	master->reload.phase = RELOAD_RETURNS;
}

void upgrade_go_on(struct master *master, uint32_t number)
{
	log_info(master->handover.back ? "upgrade: back in the program of before"
				       : "upgrade: took over",
		"version=%s", FTPOOL_VERSION);
	handover_guard_tell(&master->handover, HANDOVER_BEGUN, 0);
	reload_go_on(master, number);
	if (master->handover.back) {
		reload_refuse(master, master->handover.back);
		handover_close(&master->handover);
		return;
	}
	master->upgrade.give_up_ms =
		clock_ms() + (int64_t)master->config->upgrade_timeout_seconds * 1000;
}
