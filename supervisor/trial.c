#include "supervisor/trial.h"

#include "common/clock.h"
#include "supervisor/birth.h"
#include "supervisor/handover.h"

#include <bsd/unistd.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SAID_MOST = 8192 };

/* What the program has written to its two outputs. */
struct said {
	int out, err;
};

/* ---- the program itself ---- */

/* A group of its own, so that all that it starts can be ended with it. */
static void become(const struct trial *trial, int state, const struct said *said, pid_t parent)
{
	int error;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || setpgid(0, 0) < 0 || dup2(said->out, STDOUT_FILENO) < 0 ||
		dup2(said->err, STDERR_FILENO) < 0)
		return;
	error = handover_leap(state, trial->path, trial->argv);
	dprintf(STDOUT_FILENO, "%s: %s\n", trial->path, strerror(-error));
}

static pid_t start(const struct trial *trial, const struct said *said)
{
	int state = handover_for_trial(trial->state);
	pid_t parent = getpid(), pid = state < 0 ? -1 : fork();

	if (pid == 0) {
		become(trial, state, said, parent);
		_exit(1);
	}
	if (state >= 0)
		close(state);
	return pid;
}

/* ---- its end ---- */

/* These signals are blocked here, as in the master, and wait if they come before they are waited
 * for. SIGTERM: the master has no need of this any more, or is gone. */
static bool has_ended(pid_t pid, int64_t deadline_ms)
{
	sigset_t wanted;
	siginfo_t end;

	sigemptyset(&wanted);
	sigaddset(&wanted, SIGCHLD);
	sigaddset(&wanted, SIGTERM);
	for (;;) {
		int left_ms = clock_left_ms(deadline_ms);
		const struct timespec left = {left_ms / 1000, left_ms % 1000 * 1000000L};

		end.si_pid = 0;
		if (waitid(P_PID, (id_t)pid, &end, WEXITED | WNOHANG | WNOWAIT) < 0 ||
			end.si_pid == pid)
			return true;
		if (left_ms == 0 || sigtimedwait(&wanted, NULL, &left) == SIGTERM)
			return false;
	}
}

/* While it is not yet reaped, nobody else can have its group's number. false: it was too slow. */
static bool wait_for_end(const struct trial *trial, pid_t pid, int *status)
{
	bool ended = has_ended(pid, clock_ms() + (int64_t)trial->seconds * 1000);

	kill(-pid, SIGKILL);
	kill(pid, SIGKILL); /* it has not come to have a group */
	(void)waitpid(pid, status, 0);
	return ended;
}

static void read_said(int memory, char text[SAID_MOST])
{
	ssize_t got = pread(memory, text, SAID_MOST - 1, 0);

	text[got > 0 ? got : 0] = '\0';
}

/* What is wrong, for whoever wanted the upgrade. */
static void tell(const struct trial *trial, const struct said *said, int status, bool ended)
{
	char text[SAID_MOST];

	bool said_by_other;

	read_said(said->out, text);
	said_by_other = !text[0] || WIFSIGNALED(status) || WEXITSTATUS(status) == 0;
	if (said_by_other)
		read_said(said->err, text);
	if (!ended)
		dprintf(trial->output, "%s: was not ready within upgrade_timeout (%u s)\n",
			trial->path, trial->seconds);
	else if (WIFSIGNALED(status))
		dprintf(trial->output, "%s: died in its trial, by signal %d (%s)\n", trial->path,
			WTERMSIG(status), strsignal(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == 0)
		dprintf(trial->output, "%s: is no ftpoold that can take over\n", trial->path);
	else if (said_by_other)
		dprintf(trial->output, "%s: ended with status %d in its trial%s\n", trial->path,
			WEXITSTATUS(status), text[0] ? ", saying:" : ", and said nothing");
	dprintf(trial->output, "%s", text);
}

int trial_run(const void *what)
{
	const struct trial *trial = what;
	struct said said = {memfd_create("ftpool trial", MFD_CLOEXEC),
		memfd_create("ftpool trial", MFD_CLOEXEC)};
	char text[SAID_MOST];
	int status = 0;
	bool ended;
	pid_t pid;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	pid = said.out < 0 || said.err < 0 ? -1 : start(trial, &said);
	if (pid < 0) {
		dprintf(trial->output, "%s: cannot be tried: %s\n", trial->path, strerror(errno));
		return 1;
	}
	birth_keep_only((int[]){trial->output, said.out, said.err}, 3);
	setproctitle("tries another program");
	ended = wait_for_end(trial, pid, &status);
	read_said(said.out, text);
	if (ended && WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
		strstr(text, handover_promise))
		return 0;
	tell(trial, &said, status, ended);
	return 1;
}
