#include "supervisor/master.h"

#include <string.h>

void master_drop_generation(struct master *master, struct generation *generation)
{
	struct generation **place = &master->generations;

	while (*place != generation)
		place = &(*place)->next;
	*place = generation->next;
	generation_free(generation);
}

void master_close_listeners(struct master *master)
{
	if (master->coming)
		listeners_close_but(&master->coming->listeners, &master->serving->listeners);
	listeners_close(&master->serving->listeners);
}

int master_begin_generation(struct master *master, struct generation *generation)
{
	int error = pool_want(&master->pool, &generation->birthright, generation->number,
		generation->config->workers);

	if (error < 0)
		return error;
	lookup_inherit(&generation->lookup, &master->serving->lookup);
	generation->next = master->generations;
	master->generations = generation;
	master->coming = generation;
	return 0;
}

/* What dead workers have done at each listener: the listeners may have other places now. */
static void move_tallies(struct pool *pool, const struct config *before, const struct config *now)
{
	struct tally moved[BOARD_LISTENERS] = {0};

	for (size_t i = 0; i < now->listener_count && i < BOARD_LISTENERS; i++) {
		for (size_t j = 0; j < before->listener_count && j < BOARD_LISTENERS; j++) {
			if (strcmp(now->listeners[i].name, before->listeners[j].name) == 0)
				moved[i] = pool->buried_listeners[j];
		}
	}
	memcpy(pool->buried_listeners, moved, sizeof(moved));
}

void master_switch_generation(struct master *master)
{
	struct generation *before = master->serving;

	master->serving = master->coming;
	master->coming = NULL;
	master->workers = master->serving->config->workers;
	listeners_close_but(&before->listeners, &master->serving->listeners);
	listeners_set_backlog(&master->serving->listeners, master->serving->config);
	move_tallies(&master->pool, before->config, master->serving->config);
	pool_retire(&master->pool, before->number);
	master_obey_config(master);
}

void master_abandon_generation(struct master *master)
{
	struct generation *given_up = master->coming;

	master->coming = NULL;
	pool_abandon(&master->pool, given_up->number);
	listeners_close_but(&given_up->listeners, &master->serving->listeners);
}
