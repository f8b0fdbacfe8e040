#include "supervisor/master.h"

#include "supervisor/log_file.h"

#include <unistd.h>

static int reopen_xferlog(struct master *master, struct generation *generation)
{
	int xferlog, error;

	if (generation->birthright.xferlog < 0)
		return 0;
	error = log_file_open_xferlog(generation->config, &xferlog);
	if (error < 0)
		return error;
	pool_hand(&master->pool, generation->number, CHANNEL_XFERLOG, xferlog);
	close(generation->birthright.xferlog);
	generation->birthright.xferlog = xferlog;
	return 0;
}

static void hand_log(struct master *master)
{
	pool_hand(&master->pool, POOL_EVERYBODY, CHANNEL_LOG, log_descriptor());
	for (struct generation *g = master->generations; g; g = g->next)
		auth_hand_log(&g->auth, log_descriptor());
	tidings_hand_log(&master->tidings, log_descriptor());
}

/* Workers go on in the old files until they have the new ones: no line is lost between. */
int master_reopen_log(struct master *master)
{
	int transfers = 0, error;

	for (struct generation *g = master->generations; g; g = g->next) {
		error = reopen_xferlog(master, g);
		transfers = transfers < 0 ? transfers : error;
	}
	error = log_file_open(master->config);
	if (error < 0)
		return error;
	hand_log(master);
	log_info("master: log opened again", "");
	return transfers;
}

void master_set_log_level(struct master *master, enum log_level level)
{
	const char *name = log_level_name(level);

	log_set_level(level);
	for (uint32_t i = 0; i < master->pool.slot_count; i++)
		(void)pool_tell(&master->pool, i, CHANNEL_LEVEL, name, -1);
	for (struct generation *g = master->generations; g; g = g->next)
		auth_tell_level(&g->auth, name);
	tidings_tell_level(&master->tidings, name);
}

void master_obey_config(struct master *master)
{
	master->config = master->pool.config = master->serving->config;
	tidings_configure(&master->tidings, master->config);
	if (banning_configure(&master->banning, master->config) < 0)
		log_error("ban: there is no memory for the new config", "");
	scrape_obey(&master->scrape, master->config);
	master_set_log_level(master, (enum log_level)master->config->log_level);
	if (log_file_open(master->config) == 0)
		hand_log(master);
}
