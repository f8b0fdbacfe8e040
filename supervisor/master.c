#include "supervisor/master.h"

#include "common/buckets.h"
#include "common/clock.h"
#include "common/log.h"
#include "supervisor/greeting.h"
#include "supervisor/log_file.h"
#include "supervisor/notify.h"
#include "supervisor/questions.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* What workers need beyond stop_timeout to end by themselves. */
enum { KILL_AFTER_MS = 4000 };

/* ---- opening ---- */

/* USR2 means nothing yet, and must not end the service. */
static int open_signals(void)
{
	static const int wanted[] = {
		SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof(wanted) / sizeof(wanted[0]); i++)
		sigaddset(&set, wanted[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -errno;
	return signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static bool bury_stranger(void *context, pid_t pid, int status, int64_t now_ms)
{
	struct master *master = context;

	return auth_bury(&master->auth, pid, status, now_ms) ||
	       banning_bury(&master->banning, pid, status);
}

static void hear_failed_login(void *context, const char *report)
{
	banning_hear(context, report);
}

static int open_processes(struct master *master)
{
	int error =
		pool_open(&master->pool, master->config, &master->board, master->listeners.sockets);

	if (error == 0)
		error = banning_open(
			&master->banning, master->config, &master->pool, &master->state);
	if (error == 0)
		error = auth_open(&master->auth, master->config);
	if (error == 0)
		error = log_file_open_xferlog(master->config, &master->pool.xferlog);
	master->pool.questions = master->auth.questions;
	master->pool.bans = &master->banning.bans;
	master->pool.login_failed = hear_failed_login;
	master->pool.login_failed_context = &master->banning;
	master->pool.stranger = bury_stranger;
	master->pool.stranger_context = master;
	return error;
}

static int open_kernel_things(struct master *master, struct complaints *complaints)
{
	const struct config *config = master->config;
	struct origin origin = {config->file, 0};
	int error = board_open(&master->board, config->workers, config->max_sessions);

	if (error < 0) {
		complain(complaints, origin, "the board for %u workers and %u sessions: %s",
			config->workers, config->max_sessions, strerror(-error));
		return -1;
	}
	lookup_init(&master->lookup, config, &master->board);
	master->signals = open_signals();
	master->buckets = buckets_new();
	error = master->signals < 0 ? master->signals : open_processes(master);
	if (error == 0 && !master->buckets)
		error = -ENOMEM;
	if (error < 0) {
		complain(complaints, origin, "the kernel refuses: %s", strerror(-error));
		return -1;
	}
	master->pool.tls = master->certificates->tls;
	master->pool.buckets = master->buckets;
	return 0;
}

int master_open(struct master *master, const struct config *config,
	struct certificates *certificates, bool by_hand, struct complaints *complaints)
{
	*master = (struct master){.config = config,
		.certificates = certificates,
		.by_hand = by_hand,
		.signals = -1,
		.pool.xferlog = -1,
		.status.socket = -1,
		.auth = {.questions = -1, .answerer = -1, .channel = -1},
		.since_unix = clock_unix_seconds(),
		.since_ms = clock_ms()};
	master->board.memory = -1;
	traces_init(&master->traces);
	/* All are tried, so that all that is wrong is told in one run. */
	int listening = listeners_open(&master->listeners, config, complaints);
	int asked = status_open(&master->status, config, complaints, questions_answer, master);
	int kept = state_open(&master->state, config, complaints);

	if (listening == 0 && asked == 0 && kept == 0 &&
		open_kernel_things(master, complaints) == 0)
		return 0;
	master_close(master);
	return -1;
}

void master_close(struct master *master)
{
	status_close(&master->status);
	traces_close(&master->traces);
	listeners_close(&master->listeners);
	pool_close(&master->pool);
	auth_close(&master->auth);
	banning_close(&master->banning);
	state_close(&master->state);
	board_close(&master->board);
	buckets_free(master->buckets);
	master->buckets = NULL;
	if (master->signals >= 0)
		close(master->signals);
	master->signals = -1;
}

/* ---- state ---- */

const char *master_state(const struct master *master)
{
	if (master->stopping)
		return "stopping";
	if (!master->announced)
		return "starting";
	return pool_count(&master->pool, POOL_LIVING) < master->config->workers ||
			       auth_is_missing(&master->auth)
		       ? "degraded"
		       : "serving";
}

void master_totals(const struct master *master, uint64_t totals[BOARD_COUNTERS])
{
	memcpy(totals, master->pool.buried, sizeof(master->pool.buried));
	for (uint32_t i = 0; i < master->config->workers; i++)
		board_add_counters(&master->board.workers[i], totals);
}

static void tell_systemd(const struct master *master, int64_t now_ms)
{
	char text[200];
	uint32_t sessions = 0, transfers = 0;

	for (uint32_t i = 0; i < master->config->workers; i++) {
		sessions += atomic_load(&master->board.workers[i].sessions);
		transfers += atomic_load(&master->board.workers[i].transfers);
	}
	snprintf(text, sizeof(text), "%s: %u of %u workers, %u sessions, %u transfers",
		master_state(master), pool_count(&master->pool, POOL_LIVING),
		master->config->workers, sessions, transfers);
	notify_status(text);
	notify_watchdog(master->stopping || pool_shows_life(&master->pool, now_ms), now_ms);
}

/* ---- events ---- */

void master_stop(struct master *master)
{
	if (master->stopping)
		return;
	master->stopping = true;
	master->kill_at_ms =
		clock_ms() + (int64_t)master->config->stop_timeout_seconds * 1000 + KILL_AFTER_MS;
	log_info("master: stopping", "stop_timeout=%u processes=%u",
		master->config->stop_timeout_seconds, pool_processes(&master->pool));
	notify_stopping();
	listeners_close(&master->listeners);
	pool_drain(&master->pool);
}

static void stop_or_kill(struct master *master)
{
	if (!master->stopping) {
		master_stop(master);
		return;
	}
	log_warning(
		"master: told to stop a second time", "killing=%u", pool_processes(&master->pool));
	pool_kill(&master->pool);
}

static int reopen_xferlog(struct master *master)
{
	int xferlog, error;

	if (master->pool.xferlog < 0)
		return 0;
	error = log_file_open_xferlog(master->config, &xferlog);
	if (error < 0)
		return error;
	pool_hand(&master->pool, CHANNEL_XFERLOG, xferlog);
	close(master->pool.xferlog);
	master->pool.xferlog = xferlog;
	return 0;
}

/* Workers go on in the old files until they have the new ones: no line is lost between. */
int master_reopen_log(struct master *master)
{
	int transfers = reopen_xferlog(master);
	int error = log_file_open(master->config);

	if (error < 0)
		return error;
	pool_hand(&master->pool, CHANNEL_LOG, log_descriptor());
	auth_hand_log(&master->auth, log_descriptor());
	log_info("master: log opened again", "");
	return transfers;
}

void master_set_log_level(struct master *master, enum log_level level)
{
	const char *name = log_level_name(level);

	log_set_level(level);
	for (uint32_t i = 0; i < master->config->workers; i++)
		(void)pool_tell(&master->pool, i, CHANNEL_LEVEL, name, -1);
	auth_tell_level(&master->auth, name);
}

static void reload(struct master *master)
{
	bool told = master->announced && !master->stopping;

	if (told)
		notify_reloading();
	(void)master_reopen_log(master);
	certificates_read_again(master->certificates);
	if (told)
		notify_ready();
}

/* Who started it by hand and sees its log has closed the terminal: nobody is left to stop it. */
static void hang_up(struct master *master)
{
	if (master->by_hand && master->config->log_to == LOG_TO_STDERR && isatty(STDERR_FILENO))
		master_stop(master);
	else
		reload(master);
}

static void take_signals(struct master *master)
{
	struct signalfd_siginfo signal;

	while (read(master->signals, &signal, sizeof(signal)) == (ssize_t)sizeof(signal)) {
		if (signal.ssi_signo == SIGTERM || signal.ssi_signo == SIGINT ||
			signal.ssi_signo == SIGQUIT)
			stop_or_kill(master);
		if (signal.ssi_signo == SIGHUP)
			hang_up(master);
		if (signal.ssi_signo == SIGUSR1)
			(void)master_reopen_log(master);
	}
}

static void announce(struct master *master)
{
	master->announced = true;
	if (master->by_hand)
		greeting_print(master->config);
	else
		greeting_log(master->config);
	notify_ready();
}

/* ---- the loop ---- */

static void wait_for_events(struct master *master, struct pollfd *watches, int patience_ms)
{
	size_t workers = master->config->workers;
	struct pollfd *status = watches + workers, *signals = status + STATUS_WATCHES,
		      *auth = signals + 1;

	pool_watch(&master->pool, watches);
	status_watch(&master->status, status);
	*signals = (struct pollfd){.fd = master->signals, .events = POLLIN};
	*auth = auth_watch(&master->auth);
	if (poll(watches, workers + STATUS_WATCHES + 2, patience_ms) < 0)
		return;
	pool_hear(&master->pool, watches);
	auth_hear(&master->auth, auth, clock_ms());
	status_hear(&master->status, status, clock_ms());
	if (signals->revents)
		take_signals(master);
}

/* Stopped when all have left; the last ones are not waited for for ever. */
static bool is_done(struct master *master, int64_t now_ms)
{
	if (!master->stopping)
		return pool_is_hopeless(&master->pool) ||
		       (!master->announced && auth_is_hopeless(&master->auth));
	if (now_ms >= master->kill_at_ms) {
		pool_kill(&master->pool);
		master->kill_at_ms = INT64_MAX;
	}
	return pool_processes(&master->pool) == 0;
}

static int patience(const struct master *master)
{
	int64_t now = clock_ms();

	return banning_patience(&master->banning,
		auth_patience(&master->auth, pool_patience(&master->pool, now), now));
}

/* To the workers that live, and to those to come. */
static void hand_certificates(struct master *master, int descriptor)
{
	if (descriptor < 0)
		return;
	master->pool.tls = master->certificates->tls;
	pool_hand(&master->pool, CHANNEL_CERTIFICATES, descriptor);
	close(descriptor);
}

static void look_after_pool(struct master *master)
{
	uint64_t totals[BOARD_COUNTERS];
	int64_t now = clock_ms();

	pool_reap(&master->pool, now);
	pool_shoot_stuck(&master->pool, now);
	pool_fill(&master->pool, now);
	auth_tend(&master->auth, now);
	banning_tend(&master->banning, now);
	traces_tend(&master->traces, &master->pool);
	hand_certificates(master, certificates_tend(master->certificates, now));
	if (log_file_is_stale(master->config, now))
		(void)master_reopen_log(master);
	if (!master->stopping)
		lookup_tend(&master->lookup, now);
	if (!master->announced && auth_is_ready(&master->auth) &&
		pool_count(&master->pool, POOL_LIVING) == master->config->workers)
		announce(master);
	master_totals(master, totals);
	rates_note(&master->rates, totals, now);
	tell_systemd(master, now);
}

int master_run(struct master *master)
{
	size_t count = master->config->workers + STATUS_WATCHES + 2;
	struct pollfd *watches = calloc(count, sizeof(*watches));

	if (!watches)
		return 1;
	for (;;) {
		look_after_pool(master);
		if (is_done(master, clock_ms()))
			break;
		wait_for_events(master, watches, patience(master));
	}
	free(watches);
	if (!master->stopping && !pool_is_hopeless(&master->pool)) {
		log_error("master: the authenticator cannot start", "");
		return 1;
	}
	if (!master->stopping) {
		log_error("master: no worker can start", "reason=\"%s\"",
			master->pool.failure[0] ? master->pool.failure : "they died; see above");
		return 1;
	}
	log_info("master: stopped", "");
	return 0;
}
