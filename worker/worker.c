#include "worker/worker.h"

#include "common/channel.h"
#include "common/clock.h"
#include "common/log.h"
#include "worker/accept.h"
#include "worker/account.h"
#include "worker/contain.h"
#include "worker/echo/echo.h"
#include "worker/engine.h"
#include "worker/ftp/told_address.h"
#include "worker/ftp/ftp.h"
#include "worker/last_words.h"
#include "worker/lgpq/lgpq.h"
#include "worker/renewal.h"
#include "worker/served.h"
#include "worker/session.h"
#include "worker/session_room.h"
#include "worker/trace.h"

#include <bsd/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	HEARTBEAT_MS = 1000,
	TICK_MS = 100,
	LOGIN_DELAY_MS = 500,
	CUT_GRACE_MS = 2000, /* for sessions told to close to find out */
	DESCRIPTORS_OF_OUR_OWN = 32,
	ARENAS = 2,                     /* of malloc: an arena a thread would cost megabytes */
	ARENA_KEEPS_BYTES = 512 * 1024, /* free, for the next transfer */
};

static const struct protocol *const protocols[] = {&lgpq_protocol, &echo_protocol, &ftp_protocol};

struct worker {
	const struct birthright *birthright;
	struct engine engine;
	struct acceptor *acceptor;
	uint32_t capacity; /* sessions */
	int64_t swept_ms;
	int64_t retired_until_ms;
	int64_t cut_at_ms; /* while draining: when what still runs is cut off; 0: never */
	bool cut;
	bool orphan; /* the master is gone */
};

static const struct protocol *protocol_named(uint32_t name)
{
	size_t i = 0;

	while (i + 1 < sizeof(protocols) / sizeof(protocols[0]) && protocols[i]->name != name)
		i++;
	return protocols[i];
}

/* ---- birth ---- */

/* Only its channel tells a worker what to do: signals for the master's terminal group are not meant
 * for it. */
static void settle_signals(const struct birthright *birthright)
{
	/* XFSZ: write(2) says EFBIG then, and the client is told. */
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE, SIGQUIT,
		SIGXFSZ, SIGTSTP, SIGTTIN, SIGTTOU};
	sigset_t none;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	last_words_install(birthright->slot, birthright->words);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void name_process(uint32_t slot)
{
	char name[16];

	snprintf(name, sizeof(name), "ftpool %u", slot);
	prctl(PR_SET_NAME, name, 0, 0, 0);
	setproctitle("worker %u", slot);
}

/* How many sessions this worker can hold: at most as many as there are rows, and descriptors for a
 * socket and a file each. */
static uint32_t session_capacity(const struct board *board, const struct config *config)
{
	rlim_t own = DESCRIPTORS_OF_OUR_OWN + config->zone_count; /* mounts stay open */
	struct rlimit limit = {0};
	rlim_t room;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur <= own + 2)
		return 1;
	room = limit.rlim_cur - own;
	return room < board->sessions_per_worker ? (uint32_t)room : board->sessions_per_worker;
}

static int fail(const struct worker *worker, const char *what, int error)
{
	char text[CHANNEL_TEXT];

	snprintf(text, sizeof(text), "%s: %s", what, strerror(-error));
	(void)channel_send(worker->birthright->channel, CHANNEL_FAILED, text, -1);
	return error;
}

static bool speaks_ftp(const struct config *config)
{
	for (size_t i = 0; i < config->listener_count; i++) {
		if (config->listeners[i].protocol == PROTOCOL_FTP)
			return true;
	}
	return false;
}

static int contain(struct worker *worker)
{
	const struct config *config = worker->engine.config;
	const char *what = "root";
	bool landlock = false;
	struct served served;
	int error = served_open(&served, &worker->engine);
	const struct contain_needs needs = {
		.stores = {&worker->engine.store, &worker->engine.anonymous},
		.roots = served.roots,
		.root_count = served.count,
		.asks = worker->engine.questions >= 0,
		.listens = speaks_ftp(config),
		.connects = speaks_ftp(config) && config->ftp_active};

	if (error == 0) {
		what = "/proc";
		error = events_open(&worker->engine.events, worker->engine.events.file);
	}
	if (error == 0)
		error = contain_identity(config, &what);
	/* Passwords and keys pass through this memory; becoming another user sets this back to what
	 * the system's default is. */
	if (error == 0)
		(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (error == 0 && config->sandbox)
		error = contain_sandbox(&needs, &landlock, &what);
	served_close(&served);
	if (error < 0)
		return fail(worker, what, error);
	if (config->sandbox && !landlock && worker->engine.slot == 0)
		log_warning("worker: this kernel has no Landlock",
			"advice=\"files are confined by openat2 alone; Linux 5.13 has both\"");
	return 0;
}

static int start_engine(struct worker *worker)
{
	struct engine *engine = &worker->engine;
	int error = gang_start(&engine->gang, engine->config->max_threads, engine->row);

	if (error < 0)
		return fail(worker, "threads", error);
	engine->sessions = sessions_new(engine, worker->capacity);
	engine->account_roots = account_roots_new();
	engine->traces = traces_new();
	worker->acceptor = acceptor_new(engine, worker->birthright->listeners, protocol_named);
	if (!engine->sessions || !engine->account_roots || !engine->traces || !worker->acceptor)
		return fail(worker, "memory", -ENOMEM);
	error = acceptor_start(worker->acceptor);
	return error < 0 ? fail(worker, "listeners", error) : 0;
}

/* ---- life: the main thread is the monitor ---- */

/* `now`: what runs is not waited for. */
static void start_draining(struct worker *worker, bool now)
{
	int64_t patience = now ? 0 : (int64_t)worker->engine.config->stop_timeout_seconds * 1000;

	if (!atomic_exchange(&worker->engine.draining, true))
		log_debug("worker: draining", "worker=%u sessions=%u", worker->engine.slot,
			sessions_count(worker->engine.sessions));
	acceptor_stop(worker->acceptor);
	if (worker->cut_at_ms == 0 || now)
		worker->cut_at_ms = clock_ms() + patience;
}

/* Another worker has taken this one's place, so that there is no hurry: what runs is finished, and
 * a client that is in the middle of something goes on. */
static void start_retiring(struct worker *worker)
{
	int64_t patience = (int64_t)worker->engine.config->drain_timeout_seconds * 1000;

	if (atomic_exchange(&worker->engine.retiring, true))
		return;
	acceptor_leave(worker->acceptor);
	worker->retired_until_ms = clock_ms() + patience;
	log_debug("worker: retiring", "worker=%u sessions=%u", worker->engine.slot,
		sessions_count(worker->engine.sessions));
}

/* Sessions end with their commands from now on, but no transfer is cut. */
static void end_retirement(struct worker *worker)
{
	if (atomic_load(&worker->engine.retiring) && clock_ms() >= worker->retired_until_ms)
		atomic_store(&worker->engine.draining, true);
}

/* Reads all there is on the channel. The end of it means that the master is gone. */
static void obey(struct worker *worker)
{
	struct channel_message message;
	int descriptor, got;

	while ((got = channel_receive(worker->birthright->channel, &message, &descriptor)) > 0) {
		if (message.word == CHANNEL_DRAIN)
			start_draining(worker, strcmp(message.text, "now") == 0);
		if (message.word == CHANNEL_RETIRE)
			start_retiring(worker);
		if (message.word == CHANNEL_CONFIG)
			renewal_take_config(&worker->engine, descriptor);
		if (message.word == CHANNEL_LOG)
			renewal_take_log(descriptor);
		if (message.word == CHANNEL_KICK)
			(void)sessions_kick(worker->engine.sessions, message.text, END_KICKED);
		if (message.word == CHANNEL_PROBE)
			sessions_probe(worker->engine.sessions, message.text);
		if (message.word == CHANNEL_BAN)
			(void)sessions_kick(worker->engine.sessions, message.text, END_BANNED);
		if (message.word == CHANNEL_TRACE && descriptor >= 0) {
			trace_begin(&worker->engine, message.text, descriptor);
			descriptor = -1;
		}
		if (message.word == CHANNEL_LEVEL)
			renewal_take_level(message.text);
		if (message.word == CHANNEL_XFERLOG)
			renewal_take_xferlog(&worker->engine, descriptor);
		if (message.word == CHANNEL_CERTIFICATES)
			renewal_take_certificates(&worker->engine, descriptor);
		if (descriptor >= 0)
			close(descriptor);
	}
	if (got != 0)
		return;
	worker->orphan = true;
	last_words_unread();
	start_draining(worker, false);
}

static void wait_for_events(struct worker *worker)
{
	bool leaving =
		atomic_load(&worker->engine.draining) || atomic_load(&worker->engine.retiring);
	bool soon = leaving || gang_wants_ticks(worker->engine.gang) ||
		    acceptor_wants_ticks(worker->acceptor) ||
		    sessions_want_ticks(worker->engine.sessions);
	/* poll(2) passes over -1. An ended channel would be readable for ever, and so would the
	 * alarm while it is being dealt with. */
	struct pollfd watches[] = {
		{.fd = worker->orphan ? -1 : worker->birthright->channel, .events = POLLIN},
		{.fd = soon ? -1 : gang_alarm(worker->engine.gang), .events = POLLIN}};

	(void)poll(watches, 2, soon ? TICK_MS : HEARTBEAT_MS);
	if (watches[0].revents)
		obey(worker);
}

static uint32_t sweep(struct worker *worker)
{
	int64_t now = clock_ms();
	bool draining = atomic_load(&worker->engine.draining);

	if (!draining && now - worker->swept_ms < HEARTBEAT_MS)
		return sessions_count(worker->engine.sessions);
	worker->swept_ms = now;
	trace_tend(&worker->engine);
	if (worker->cut_at_ms > 0 && now >= worker->cut_at_ms && !worker->cut) {
		worker->cut = true;
		sessions_cut(worker->engine.sessions);
	}
	return sessions_sweep(worker->engine.sessions);
}

static bool is_over(const struct worker *worker, uint32_t sessions)
{
	bool leaving =
		atomic_load(&worker->engine.draining) || atomic_load(&worker->engine.retiring);

	return leaving &&
	       (sessions == 0 || (worker->cut && clock_ms() >= worker->cut_at_ms + CUT_GRACE_MS));
}

static void monitor(struct worker *worker)
{
	uint32_t sessions;
	bool taking;

	do {
		atomic_store(&worker->engine.row->heartbeat_ms, clock_ms());
		wait_for_events(worker);
		gang_tick(worker->engine.gang);
		acceptor_tick(worker->acceptor);
		sessions_tick(worker->engine.sessions);
		end_retirement(worker);
		/* Asked before the sessions are counted: one that comes in between is counted. */
		taking = acceptor_is_taking(worker->acceptor);
		sessions = sweep(worker);
	} while (!is_over(worker, taking ? sessions + 1 : sessions));
}

static const struct worker *myself;

static void cry(int descriptor)
{
	if (myself->engine.sessions)
		sessions_cry(myself->engine.sessions, descriptor);
}

enum worker_exit worker_main(const struct birthright *birthright)
{
	static struct worker worker;

	worker.birthright = birthright;
	atomic_store(&worker.engine.config, birthright->config);
	worker.engine.board = birthright->board;
	worker.engine.slot = birthright->slot;
	worker.engine.bans = birthright->bans;
	worker.engine.channel = birthright->channel;
	worker.engine.questions = birthright->questions;
	worker.engine.buckets = birthright->buckets;
	worker.engine.xferlog = birthright->xferlog;
	worker.engine.events.file = birthright->events;
	worker.engine.ledger = birthright->ledger;
	worker.engine.login_delay_ms = LOGIN_DELAY_MS;
	atomic_store(&worker.engine.tls, birthright->tls);
	worker.engine.row = &birthright->board->workers[birthright->slot];
	worker.capacity = session_capacity(
		birthright->board, birthright->config); /* the sandbox lets nobody ask */
	myself = &worker;
	last_words_also(cry);
	settle_signals(birthright);
	name_process(birthright->slot);
	mallopt(M_ARENA_MAX, ARENAS);
	mallopt(M_TRIM_THRESHOLD, ARENA_KEEPS_BYTES);
	told_address_prepare(birthright->config);
	if (contain(&worker) < 0 || start_engine(&worker) < 0)
		return WORKER_CANNOT_START;
	if (channel_send(birthright->channel, CHANNEL_READY, "", -1) < 0)
		return WORKER_CANNOT_START;
	monitor(&worker);
	return WORKER_DRAINED;
}
