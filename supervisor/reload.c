#include "supervisor/reload.h"

#include "common/config_change.h"
#include "common/config_pack.h"
#include "common/log.h"
#include "supervisor/master.h"
#include "supervisor/notify.h"
#include "supervisor/reload_outcome.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { HAND_ON_MS = 2000, HAND_ON_LOOK_MS = 10 };

void reload_init(struct reload *reload)
{
	*reload = (struct reload){0};
	rehearsal_init(&reload->rehearsal);
}

void reload_close(struct reload *reload)
{
	rehearsal_close(&reload->rehearsal);
	json_decref(reload->outcome);
	reload->outcome = NULL;
	reload->phase = RELOAD_RESTS;
}

/* ---- its end ---- */

static void end(struct master *master)
{
	struct reload *reload = &master->reload;

	rehearsal_close(&reload->rehearsal);
	reload->phase = RELOAD_RESTS;
	if (!reload->dry)
		notify_ready();
	if (!reload->again)
		return;
	reload->again = false;
	(void)reload_begin(master, false);
}

void reload_refuse(struct master *master, const char *why)
{
	if (master->reload.upgrade)
		outcome_log_no_upgrade(why);
	else if (!master->reload.dry)
		outcome_log_refusal(why);
	outcome_refused(master->reload.outcome, why);
	end(master);
}

static void finish(struct master *master, const char *workers)
{
	outcome_done(master->reload.outcome, workers);
	end(master);
}

/* ---- what needs no new worker ---- */

static int obey_at_once(struct master *master, struct config *config)
{
	struct generation *serving = master->serving;
	int packed = config_pack(config);
	int error = packed < 0 ? packed : generation_take_config(serving, config);

	if (error < 0) {
		if (packed >= 0)
			close(packed);
		config_free(config);
		return error;
	}
	pool_hand(&master->pool, serving->number, CHANNEL_CONFIG, packed);
	close(packed);
	master_obey_config(master);
	return 0;
}

static void change_values(
	struct master *master, struct config *config, const struct config_changes *changes)
{
	int error = 0;

	if (changes->count > 0) {
		error = obey_at_once(master, config);
	} else {
		master->serving->config->read_unix = config->read_unix;
		config_free(config);
	}
	if (error < 0) {
		reload_refuse(master, strerror(-error));
		return;
	}
	certificates_read_again(&master->serving->certificates);
	log_info("reload: done", "changes=%zu workers=kept", changes->count);
	finish(master, "kept");
}

/* ---- what needs new workers ---- */

/* The sockets that the child has bound, at the places that have none. */
static void take_sockets(struct listeners *listeners, struct listeners *brought)
{
	for (size_t i = 0; i < listeners->count && i < brought->count; i++) {
		if (listeners->sockets[i] >= 0 || brought->sockets[i] < 0)
			continue;
		listeners->sockets[i] = brought->sockets[i];
		brought->sockets[i] = -1;
	}
}

static bool has_all(const struct listeners *listeners)
{
	for (size_t i = 0; i < listeners->count; i++) {
		if (listeners->sockets[i] < 0)
			return false;
	}
	return true;
}

/* All that the child brought becomes the generation's. 0 or -errno. */
static int furnish(struct master *master, struct generation *generation)
{
	struct rehearsal *rehearsal = &master->reload.rehearsal;
	struct complaints complaints = {.to = stderr};
	int packed = rehearsal->certificates, error;

	rehearsal->certificates = -1;
	if (certificates_adopt(&generation->certificates, generation->config, master->tickets,
		    packed, &complaints) < 0)
		return -EINVAL;
	if (listeners_inherit(&generation->listeners, generation->config,
		    &master->serving->listeners, master->serving->config) < 0)
		return -ENOMEM;
	take_sockets(&generation->listeners, &rehearsal->brought);
	if (!has_all(&generation->listeners))
		return -ENOTCONN;
	if (tidings_prepare(&master->tidings, generation->config) < 0)
		return -ENOENT;
	error = generation_prepare(generation, &master->shared);
	board_forget_names(&generation->board);
	return error;
}

static void give_back(struct master *master, struct generation *generation)
{
	listeners_close_but(&generation->listeners, &master->serving->listeners);
	generation_free(generation);
}

static void refuse_for_want_of_slots(struct master *master)
{
	char text[200];

	snprintf(text, sizeof(text),
		"%u workers of before are still serving, and there is no place for so many more; "
		"try again when some have left (`ftpctl workers`)",
		pool_count(&master->pool, POOL_LEAVING));
	reload_refuse(master, text);
}

static void start_workers(struct master *master, struct config *config)
{
	struct generation *generation = generation_new(++master->generation_count, config);
	int error = generation ? furnish(master, generation) : -ENOMEM;

	if (error == 0)
		error = master_begin_generation(master, generation);
	if (error == 0) {
		master->pool.failure[0] = '\0';
		master->reload.phase = RELOAD_STARTS;
		outcome_phase(master->reload.outcome, "starting");
		return;
	}
	if (generation)
		give_back(master, generation);
	if (error == -ENOSPC)
		refuse_for_want_of_slots(master);
	else
		reload_refuse(master, strerror(-error));
}

static void give_up(struct master *master)
{
	const char *why = master->pool.failure[0] ? master->pool.failure
						  : "new workers died before they were ready";

	if (master->handover.old >= 0) {
		upgrade_fail(master, why);
		return;
	}
	master_abandon_generation(master);
	reload_refuse(master, why);
}

static void look_after_coming(struct master *master, int64_t now_ms)
{
	const struct generation *coming = master->coming;

	if (pool_has_failed(&master->pool, coming->number) || auth_is_hopeless(&coming->auth)) {
		give_up(master);
	} else if (pool_living(&master->pool, coming->number) == coming->config->workers &&
		   auth_is_ready(&coming->auth)) {
		master->reload.before = master->serving->number;
		master->reload.until_ms = now_ms + HAND_ON_MS;
		master->reload.phase = RELOAD_HANDS_ON;
		master_switch_generation(master);
		handover_close(&master->handover);
	}
}

static void look_after_going(struct master *master, int64_t now_ms)
{
	const struct reload *reload = &master->reload;

	if (now_ms < reload->until_ms && pool_accepts(&master->pool, reload->before))
		return;
	log_info(reload->upgrade ? "upgrade: done" : "reload: done",
		"workers=replaced generation=%u leaving=%u", master->serving->number,
		pool_processes_of(&master->pool, reload->before));
	finish(master, "replaced");
}

/* ---- what the child has found ---- */

/* What the child cannot know of the master it is a copy of. */
static bool fits(struct master *master, const struct config *config)
{
	char text[200];

	if (config->max_sessions <= master->board.sessions_per_worker)
		return true;
	snprintf(text, sizeof(text),
		"limits.sessions = %u: this server was started with room for at most %u; that many "
		"take a restart",
		config->max_sessions, master->board.sessions_per_worker);
	reload_refuse(master, text);
	return false;
}

static void go_on(struct master *master, struct config *config)
{
	struct config_changes changes;

	if (config_changes_find(&changes, master->serving->config, config) < 0) {
		config_free(config);
		reload_refuse(master, "out of memory");
		return;
	}
	outcome_changes(master->reload.outcome, &changes);
	if (master->reload.dry) {
		config_free(config);
		finish(master, config_changes_have(&changes, CONFIG_WORKERS) ? "replaced" : "kept");
	} else if (config_changes_have(&changes, CONFIG_WORKERS)) {
		start_workers(master, config);
	} else {
		change_values(master, config, &changes);
	}
	config_changes_free(&changes);
}

static void take_findings(struct master *master)
{
	const struct rehearsal *rehearsal = &master->reload.rehearsal;
	struct config *config;

	if (!rehearsal->done) {
		reload_refuse(
			master, "the process that looked at the config died, or took too long");
		return;
	}
	if (rehearsal->complaints) {
		reload_refuse(master, rehearsal->complaints);
		return;
	}
	config = rehearsal->config >= 0 ? config_unpack(rehearsal->config) : NULL;
	if (!config)
		reload_refuse(master, "the config cannot be taken over");
	else if (fits(master, config))
		go_on(master, config);
	else
		config_free(config);
}

/* ---- its beginning ---- */

int reload_reserve(struct master *master, enum reload_phase phase)
{
	struct reload *reload = &master->reload;

	if (reload->phase != RELOAD_RESTS || master->stopping || !master->announced)
		return -EBUSY;
	reload->phase = phase;
	reload->upgrade = true;
	reload->dry = false;
	json_decref(reload->outcome);
	reload->outcome = outcome_new(++reload->number, false);
	notify_reloading();
	return 0;
}

void reload_go_on(struct master *master, uint32_t number)
{
	struct reload *reload = &master->reload;

	reload->number = number;
	reload->upgrade = true;
	reload->outcome = outcome_new(number, false);
	reload->phase = RELOAD_STARTS;
	outcome_phase(reload->outcome, "starting");
	json_object_set_new(reload->outcome, "version", json_string(FTPOOL_VERSION));
}

int reload_begin(struct master *master, bool dry)
{
	struct reload *reload = &master->reload;
	struct rehearsal_order order = {.request = master->launch->request,
		.serving = master->serving,
		.tickets = master->tickets};
	int error;

	if (reload->phase != RELOAD_RESTS || master->stopping || !master->announced)
		return -EBUSY;
	error = rehearsal_begin(&reload->rehearsal, &order);
	if (error < 0)
		return error;
	reload->number++;
	reload->phase = RELOAD_LOOKS;
	reload->upgrade = false;
	reload->dry = dry;
	json_decref(reload->outcome);
	reload->outcome = outcome_new(reload->number, dry);
	if (!dry) {
		notify_reloading();
		log_info("reload: begun", "");
	}
	return 0;
}

void reload_signalled(struct master *master)
{
	if (master->stopping || !master->announced)
		return;
	if (master->reload.phase != RELOAD_RESTS)
		master->reload.again = true;
	else if (reload_begin(master, false) < 0)
		log_error("reload: cannot begin", "");
}

struct pollfd reload_watch(const struct reload *reload)
{
	return (struct pollfd){.fd = reload->rehearsal.channel, .events = POLLIN};
}

void reload_hear(struct master *master)
{
	struct reload *reload = &master->reload;

	if (reload->phase != RELOAD_LOOKS)
		return;
	rehearsal_hear(&reload->rehearsal);
	if (reload->rehearsal.over)
		take_findings(master);
}

void reload_tend(struct master *master, int64_t now_ms)
{
	if (master->reload.phase == RELOAD_STARTS && !master->stopping)
		look_after_coming(master, now_ms);
	if (master->reload.phase == RELOAD_HANDS_ON && !master->stopping)
		look_after_going(master, now_ms);
}

int reload_patience(const struct reload *reload, int patience_ms)
{
	return reload->phase == RELOAD_HANDS_ON && patience_ms > HAND_ON_LOOK_MS ? HAND_ON_LOOK_MS
										 : patience_ms;
}

bool reload_bury(struct reload *reload, pid_t pid)
{
	if (reload->rehearsal.pid == 0 || pid != reload->rehearsal.pid)
		return false;
	reload->rehearsal.pid = 0;
	return true;
}
