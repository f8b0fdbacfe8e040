#include "supervisor/upgrade.h"

#include "common/clock.h"
#include "common/log.h"
#include "supervisor/birth.h"
#include "supervisor/master.h"
#include "supervisor/notify.h"
#include "supervisor/reload_outcome.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGUMENTS_MOST = 256, OUTPUT_MOST = 8192, ASKERS_MS = 3000 };

static void close_one(int *descriptor)
{
	if (*descriptor >= 0)
		close(*descriptor);
	*descriptor = -1;
}

void upgrade_init(struct upgrade *upgrade)
{
	*upgrade = (struct upgrade){.state = -1, .output = -1};
}

void upgrade_close(struct upgrade *upgrade)
{
	if (upgrade->pid > 0)
		kill(upgrade->pid, SIGKILL);
	if (upgrade->state >= 0)
		handover_discard(upgrade->state);
	close_one(&upgrade->output);
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

/* ---- the proof ---- */

struct proof {
	const struct upgrade *upgrade;
	char **argv;
	unsigned int seconds;
};

/* In the child: becomes the new program, which only looks. */
static int prove(const void *what)
{
	const struct proof *proof = what;
	char *argv[ARGUMENTS_MOST] = {proof->argv[0], (char *)"--check"};
	size_t count = 2;
	sigset_t none;

	signal(SIGALRM, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	alarm(proof->seconds);
	for (size_t i = 1; proof->argv[i] && count + 1 < ARGUMENTS_MOST; i++)
		argv[count++] = proof->argv[i];
	if (dup2(proof->upgrade->output, STDOUT_FILENO) < 0 ||
		dup2(proof->upgrade->output, STDERR_FILENO) < 0)
		return 1;
	dprintf(STDERR_FILENO, "%s: %s\n", proof->upgrade->path,
		strerror(-handover_show(proof->upgrade->state, proof->upgrade->path, argv)));
	return 1;
}

static int begin_proof(struct master *master)
{
	struct upgrade *upgrade = &master->upgrade;
	struct proof proof = {
		upgrade, master->launch->argv, master->config->upgrade_timeout_seconds};
	pid_t pid;

	upgrade->output = memfd_create("ftpool proof", MFD_CLOEXEC);
	upgrade->state = handover_write(master);
	if (!upgrade->path || upgrade->output < 0 || upgrade->state < 0)
		return -ENOMEM;
	pid = birth_fork_errand(prove, &proof, upgrade->state, upgrade->output);
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
	error = begin_proof(master);
	if (error < 0) {
		refuse(master, strerror(-error));
		return 0;
	}
	log_info("upgrade: begun", "program=\"%s\"", master->upgrade.path);
	return 0;
}

/* What the child has said, without the promise. */
static bool read_output(const struct upgrade *upgrade, char text[OUTPUT_MOST])
{
	ssize_t got = pread(upgrade->output, text, OUTPUT_MOST - 1, 0);
	char *promise;

	text[got > 0 ? got : 0] = '\0';
	promise = strstr(text, handover_promise);
	return promise != NULL;
}

bool upgrade_bury(struct master *master, pid_t pid, int status)
{
	struct upgrade *upgrade = &master->upgrade;
	char text[OUTPUT_MOST];
	bool promised;

	if (upgrade->pid == 0 || pid != upgrade->pid)
		return false;
	upgrade->pid = 0;
	if (master->reload.phase != RELOAD_PROVES)
		return true;
	promised = read_output(upgrade, text);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && promised) {
		master->reload.phase = RELOAD_LEAPS;
		upgrade->give_up_ms = clock_ms() + ASKERS_MS;
	} else if (WIFSIGNALED(status)) {
		snprintf(text, sizeof(text), "%s: was killed while it looked at the config: %s",
			upgrade->path, strsignal(WTERMSIG(status)));
		refuse(master, text);
	} else if (WEXITSTATUS(status) != 0 && text[0]) {
		refuse(master, text);
	} else {
		snprintf(text, sizeof(text),
			"%s: is no ftpoold that can take over; restart instead", upgrade->path);
		refuse(master, text);
	}
	return true;
}

/* ---- the leap ---- */

/* Those who ask are answered first, since their connections end with this program. */
static void leap(struct master *master, int64_t now_ms)
{
	struct upgrade *upgrade = &master->upgrade;
	int error;

	if (!status_is_quiet(&master->status, true) && now_ms < upgrade->give_up_ms)
		return;
	upgrade->state = handover_write(master);
	error = upgrade->state;
	if (error >= 0) {
		log_info("upgrade: becoming another program", "program=\"%s\"", upgrade->path);
		error = handover_leap(upgrade->state, upgrade->path, master->launch->argv);
	}
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

void upgrade_tend(struct master *master, int64_t now_ms)
{
	if (master->stopping)
		return;
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
	upgrade_init(&master->upgrade);
	reload_go_on(master, number);
	if (master->handover.back) {
		reload_refuse(master, master->handover.back);
		handover_close(&master->handover);
		return;
	}
	master->upgrade.give_up_ms =
		clock_ms() + (int64_t)master->config->upgrade_timeout_seconds * 1000;
}
