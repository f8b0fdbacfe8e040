#include "supervisor/master.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/ticket_keys.h"
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

/* How long a client may wait for the master's 421 when no worker can serve. */
enum { REFUSE_MS = 50 };

/* ---- state ---- */

const char *master_state(const struct master *master)
{
	if (master->stopping)
		return "stopping";
	if (!master->announced)
		return "starting";
	return pool_living(&master->pool, master->serving->number) < master->workers ||
			       auth_is_missing(&master->serving->auth) ||
			       tidings_are_missing(&master->tidings)
		       ? "degraded"
		       : "serving";
}

void master_totals(const struct master *master, uint64_t totals[BOARD_COUNTERS])
{
	memcpy(totals, master->pool.buried, sizeof(master->pool.buried));
	for (uint32_t i = 0; i < board_slots_used(&master->board); i++)
		board_add_counters(&master->board.workers[i], totals);
}

void master_load(const struct master *master, uint64_t *sessions, uint64_t *transfers)
{
	*sessions = *transfers = 0;
	for (uint32_t i = 0; i < board_slots_used(&master->board); i++) {
		*sessions += atomic_load(&master->board.workers[i].sessions);
		*transfers += atomic_load(&master->board.workers[i].transfers);
	}
}

int64_t master_patience_seconds(const struct master *master)
{
	int64_t left = master->kill_at_ms - KILL_AFTER_MS - clock_ms();

	return left > 0 && master->kill_at_ms < INT64_MAX ? (left + 999) / 1000 : 0;
}

static const char *ending(uint64_t count)
{
	return count == 1 ? "" : "s";
}

static void tell_systemd(const struct master *master, int64_t now_ms)
{
	char text[200];
	uint64_t sessions, transfers;

	master_load(master, &sessions, &transfers);
	if (master->stopping)
		snprintf(text, sizeof(text),
			"stopping: waits for %ju transfer%s and %ju session%s, at most %jd s",
			(uintmax_t)transfers, ending(transfers), (uintmax_t)sessions,
			ending(sessions), (intmax_t)master_patience_seconds(master));
	else
		snprintf(text, sizeof(text), "%s: %u of %u workers, %ju session%s, %ju transfer%s",
			master_state(master), pool_living(&master->pool, master->serving->number),
			master->workers, (uintmax_t)sessions, ending(sessions),
			(uintmax_t)transfers, ending(transfers));
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
	reload_close(&master->reload);
	upgrade_close(&master->upgrade);
	handover_close(&master->handover);
	master_close_listeners(master);
	pool_drain(&master->pool, "");
}

void master_stop_now(struct master *master)
{
	if (!master->stopping)
		master_stop(master);
	log_warning("master: what runs is not waited for", "processes=%u",
		pool_processes(&master->pool));
	master->kill_at_ms = clock_ms() + KILL_AFTER_MS;
	pool_drain(&master->pool, "now");
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

/* Who started it by hand and sees its log has closed the terminal: nobody is left to stop it. */
static void hang_up(struct master *master)
{
	if (master->launch->by_hand && master->config->log_to == LOG_TO_STDERR &&
		isatty(STDERR_FILENO))
		master_stop(master);
	else
		(void)master_reopen_log(master);
	if (!master->stopping)
		reload_signalled(master);
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
		if (signal.ssi_signo == SIGUSR2 && upgrade_begin(master, NULL) < 0)
			log_warning("upgrade: cannot begin now", "");
		if (signal.ssi_signo == SIGTTIN)
			(void)master_set_workers(master, master->workers + 1);
		if (signal.ssi_signo == SIGTTOU)
			(void)master_set_workers(
				master, master->workers > 1 ? master->workers - 1 : 1);
	}
}

static void announce(struct master *master)
{
	master->announced = true;
	if (master->launch->by_hand)
		greeting_print(master->config);
	if (!master->launch->by_hand || master->config->log_to != LOG_TO_STDERR)
		greeting_log(master->config);
	notify_ready();
}

/* ---- the loop ---- */

/* One for each slot, and so one for each generation of which a worker is left, and two beside. */
static size_t watch_count(const struct master *master)
{
	return (size_t)master->pool.slot_count * 2 + 3 + STATUS_WATCHES + 2;
}

/* Returns the place behind what it has filled in. */
static struct pollfd *watch_auths(const struct master *master, struct pollfd *watches)
{
	for (const struct generation *g = master->generations; g; g = g->next)
		*watches++ = auth_watch(&g->auth);
	return watches;
}

static void hear_auths(struct master *master, const struct pollfd *watches)
{
	for (struct generation *g = master->generations; g; g = g->next)
		auth_hear(&g->auth, watches++, clock_ms());
}

/* poll(2) refuses more places than the process may have descriptors, taken or not: it gets those
 * that are taken alone. The room behind the places is as large again. */
static int poll_taken(struct pollfd *watches, size_t count, int patience_ms)
{
	struct pollfd *taken = watches + count;
	size_t used = 0, next = 0;
	int ready;

	for (size_t i = 0; i < count; i++) {
		if (watches[i].fd >= 0)
			taken[used++] = watches[i];
	}
	ready = poll(taken, used, patience_ms);
	for (size_t i = 0; i < count; i++)
		watches[i].revents = watches[i].fd >= 0 ? taken[next++].revents : 0;
	return ready;
}

static void wait_for_events(struct master *master, struct pollfd *watches, int patience_ms)
{
	struct pollfd *status = watches + master->pool.slot_count,
		      *signals = status + STATUS_WATCHES, *reload = signals + 1,
		      *scrape = reload + 1, *auths = scrape + 1;
	struct pollfd *end = watch_auths(master, auths);

	pool_watch(&master->pool, watches);
	status_watch(&master->status, status);
	*signals = (struct pollfd){.fd = master->signals, .events = POLLIN};
	*reload = reload_watch(&master->reload);
	*scrape = scrape_watch(&master->scrape);
	assert(end <= watches + watch_count(master));
	if (poll_taken(watches, (size_t)(end - watches), patience_ms) < 0)
		return;
	pool_hear(&master->pool, watches);
	hear_auths(master, auths);
	status_hear(&master->status, status, clock_ms());
	if (reload->revents)
		reload_hear(master);
	if (scrape->revents)
		scrape_hear(&master->scrape, master);
	if (signals->revents)
		take_signals(master);
}

/* Stopped when all have left; the last ones are not waited for for ever. */
static bool is_done(struct master *master, int64_t now_ms)
{
	if (!master->stopping)
		return pool_is_hopeless(&master->pool) ||
		       (!master->announced && auth_is_hopeless(&master->serving->auth));
	if (now_ms >= master->kill_at_ms) {
		pool_kill(&master->pool);
		master->kill_at_ms = INT64_MAX;
	}
	return pool_processes(&master->pool) == 0;
}

static int patience(const struct master *master)
{
	int64_t now = clock_ms();
	int patience_ms = pool_patience(&master->pool, now);

	if (master->refusing && patience_ms > REFUSE_MS)
		patience_ms = REFUSE_MS;
	patience_ms = reload_patience(&master->reload, patience_ms);
	for (const struct generation *g = master->generations; g; g = g->next)
		patience_ms = auth_patience(&g->auth, patience_ms, now);
	return banning_patience(&master->banning, patience_ms);
}

/* To the workers that live, and to those to come. */
static void tend_certificates(struct master *master, int64_t now_ms)
{
	struct generation *serving = master->serving;

	ticket_keys_tend(master->tickets, now_ms);
	if (!certificates_tend(&serving->certificates, now_ms))
		return;
	serving->birthright.tls = serving->certificates.tls;
	pool_hand(
		&master->pool, serving->number, CHANNEL_CERTIFICATES, serving->certificates.packed);
}

/* Those of which no worker is left are over; but on the way back to another program all is left as
 * it is, for this one has begun with the config of the one that failed. */
static void tend_generations(struct master *master, int64_t now_ms)
{
	struct generation *next;

	for (struct generation *g = master->generations; g; g = next) {
		next = g->next;
		if (g != master->serving && g != master->coming && g->config != master->config &&
			pool_processes_of(&master->pool, g->number) == 0) {
			master_drop_generation(master, g);
			continue;
		}
		auth_tend(&g->auth, now_ms);
		if (!master->stopping && (g == master->serving || g == master->coming))
			lookup_tend(&g->lookup, now_ms);
	}
}

static void look_after_pool(struct master *master)
{
	uint64_t totals[BOARD_COUNTERS];
	int64_t now = clock_ms();

	pool_reap(&master->pool, now);
	pool_shoot_stuck(&master->pool, now);
	pool_replace_worn(&master->pool, now);
	pool_fill(&master->pool, now);
	master_refuse(master);
	tend_generations(master, now);
	tend_certificates(master, now);
	banning_tend(&master->banning, now);
	tidings_tend(&master->tidings, now);
	traces_tend(&master->traces, &master->pool);
	if (log_file_is_stale(master->config, now))
		(void)master_reopen_log(master);
	reload_tend(master, now);
	upgrade_tend(master, now);
	if (!master->stopping)
		quotas_tend(&master->quotas, master->config);
	if (!master->announced && auth_is_ready(&master->serving->auth) &&
		pool_living(&master->pool, master->serving->number) == master->workers)
		announce(master);
	master_totals(master, totals);
	rates_note(&master->rates, totals, now);
	tell_systemd(master, now);
}

int master_run(struct master *master)
{
	struct pollfd *watches = calloc(watch_count(master) * 2, sizeof(*watches));

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
	quotas_save(&master->quotas);
	log_info("master: stopped", "");
	return 0;
}
