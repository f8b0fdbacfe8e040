#include "supervisor/master.h"

#include "common/buckets.h"
#include "common/clock.h"
#include "common/ticket_keys.h"
#include "supervisor/questions.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum { SLOTS_FEWEST = 64, SESSIONS_FEWEST = 16384 };

/* USR1 and USR2 mean nothing yet, and must not end the service. */
static int open_signals(void)
{
	static const int wanted[] = {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2,
		SIGTTIN, SIGTTOU, SIGPIPE};
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

	for (struct generation *g = master->generations; g; g = g->next) {
		if (auth_bury(&g->auth, pid, status, now_ms))
			return true;
	}
	return quotas_is_errand(&master->quotas, pid) ||
	       tidings_bury(&master->tidings, pid, status, now_ms) ||
	       banning_bury(&master->banning, pid, status) || reload_bury(&master->reload, pid) ||
	       scrape_bury(&master->scrape, pid) || upgrade_bury(master, pid, status);
}

static void mourn(void *context, pid_t pid)
{
	struct master *master = context;

	quotas_bury(&master->quotas, pid);
}

static void hear_failed_login(void *context, const char *report)
{
	banning_hear(context, report);
}

/* Room for a generation beside others that leave, and for limits that are raised: what is not used
 * of it is no memory. */
int master_make_board(struct master *master)
{
	uint32_t slots = master->config->workers * 4, sessions = master->config->max_sessions * 2;

	return board_open(&master->board, slots > SLOTS_FEWEST ? slots : SLOTS_FEWEST,
		sessions > SESSIONS_FEWEST ? sessions : SESSIONS_FEWEST);
}

/* With board and buckets there: signals, the pool without a wish, bans, and what is shared. */
int master_open_processes(struct master *master)
{
	int error = pool_open(&master->pool, master->config, &master->board);

	master->signals = open_signals();
	master->pool.stranger = bury_stranger;
	master->pool.mourner = mourn;
	master->pool.stranger_context = master;
	master->pool.login_failed = hear_failed_login;
	master->pool.login_failed_context = &master->banning;
	if (error == 0 && master->signals < 0)
		error = master->signals;
	if (error == 0)
		error = banning_open(
			&master->banning, master->config, &master->pool, &master->state);
	if (error == 0)
		error = quotas_open(&master->quotas, master->config, &master->state);
	master->shared = (struct birthright){.board = &master->board,
		.bans = &master->banning.bans,
		.buckets = master->buckets,
		.ledger = master->quotas.ledger,
		.questions = -1,
		.channel = -1,
		.events = -1,
		.xferlog = -1};
	master->pool.tidings = &master->tidings;
	if (error == 0)
		error = tidings_prepare(&master->tidings, master->config);
	return error;
}

static int wish_for_workers(struct master *master)
{
	int error = generation_prepare(master->serving, &master->shared);

	master->workers = master->config->workers;
	return error < 0 ? error
			 : pool_want(&master->pool, &master->serving->birthright,
				   master->serving->number, master->workers);
}

static int open_kernel_things(struct master *master, struct complaints *complaints)
{
	const struct config *config = master->config;
	struct origin origin = {config->file, 0};
	int error = master_make_board(master);

	if (error < 0) {
		complain(complaints, origin, "the board for %u workers and %u sessions: %s",
			config->workers, config->max_sessions, strerror(-error));
		return -1;
	}
	master->buckets = buckets_new();
	error = master->buckets ? master_open_processes(master) : -ENOMEM;
	if (error == 0)
		error = wish_for_workers(master);
	if (error < 0) {
		complain(complaints, origin, "the kernel refuses: %s", strerror(-error));
		return -1;
	}
	return 0;
}

int master_open(struct master *master, struct generation *first, struct ticket_keys *tickets,
	const struct launch *launch, struct complaints *complaints)
{
	const struct config *config = first->config;

	*master = (struct master){.config = config,
		.launch = launch,
		.tickets = tickets,
		.generations = first,
		.serving = first,
		.generation_count = first->number,
		.signals = -1,
		.status.socket = -1,
		.since_unix = clock_unix_seconds(),
		.since_ms = clock_ms()};
	master->board.memory = -1;
	reload_init(&master->reload);
	tidings_init(&master->tidings, config, &master->state);
	upgrade_init(&master->upgrade);
	master->handover.old = master->handover.guardian = -1;
	traces_init(&master->traces);
	scrape_init(&master->scrape);
	/* All are tried, so that all that is wrong is told in one run. */
	int listening = listeners_open(&first->listeners, config, complaints);
	int asked = status_open(&master->status, config, complaints, questions_answer, master);
	int kept = state_open(&master->state, config, complaints);
	int scraped = scrape_open(&master->scrape, config, complaints);

	if (scraped == 0 && listening == 0 && asked == 0 && kept == 0 &&
		open_kernel_things(master, complaints) == 0)
		return 0;
	master_close(master);
	return -1;
}

void master_close(struct master *master)
{
	reload_close(&master->reload);
	upgrade_close(&master->upgrade);
	handover_close(&master->handover);
	status_close(&master->status);
	traces_close(&master->traces);
	scrape_close(&master->scrape);
	pool_close(&master->pool);
	master->coming = NULL;
	while (master->generations)
		master_drop_generation(master, master->generations);
	master->serving = NULL;
	ticket_keys_free(master->tickets);
	master->tickets = NULL;
	banning_close(&master->banning);
	tidings_close(&master->tidings);
	state_close(&master->state);
	board_close(&master->board);
	buckets_free(master->buckets);
	master->buckets = NULL;
	quotas_close(&master->quotas);
	if (master->signals >= 0)
		close(master->signals);
	master->signals = -1;
}
