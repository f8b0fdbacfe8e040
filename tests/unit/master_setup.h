/* A master made in memory: config, board and slots, but neither sockets nor processes. */
#ifndef FTPOOL_TESTS_UNIT_MASTER_SETUP_H
#define FTPOOL_TESTS_UNIT_MASTER_SETUP_H

#include "common/clock.h"
#include "supervisor/master.h"
#include "tests/unit/loading.h"
#include "tests/unit/quiet_log.h"

enum { MASTER_WORKERS = 2, MASTER_ROWS = 4 };

static struct master master;
static struct config *master_config; /* of the generation that serves */
static struct generation *master_generation;

static inline void master_set_up(void)
{
	master_config = load_fine("workers = 2\nlistener one { address = 127.0.0.1 }\n"
				  "listener two { protocol = echo }\n");
	quiet_log();
	master_generation = generation_new(1, master_config);
	ck_assert_ptr_nonnull(master_generation);
	master = (struct master){.config = master_config,
		.generations = master_generation,
		.serving = master_generation,
		.workers = MASTER_WORKERS,
		.signals = -1,
		.status.socket = -1,
		.state = {.directory = -1, .lock = -1},
		.since_unix = clock_unix_seconds(),
		.since_ms = clock_ms(),
		.announced = true};
	traces_init(&master.traces);
	tidings_init(&master.tidings, master_config, &master.state);
	scrape_init(&master.scrape);
	ck_assert_int_eq(board_open(&master.board, MASTER_WORKERS, MASTER_ROWS), 0);
	ck_assert_int_eq(pool_open(&master.pool, master_config, &master.board), 0);
	ck_assert_int_eq(
		pool_want(&master.pool, &master_generation->birthright, 1, MASTER_WORKERS), 0);
	ck_assert_int_eq(
		banning_open(&master.banning, master_config, &master.pool, &master.state), 0);
	for (int i = 0; i < MASTER_WORKERS; i++)
		master.pool.slots[i] = (struct pool_slot){.state = POOL_LIVING,
			.generation = 1,
			.birthright = &master_generation->birthright,
			.pid = 1000000000 + i,
			.channel = -1,
			.since_ms = clock_ms()};
}

static inline void master_tear_down(void)
{
	banning_close(&master.banning);
	pool_close(&master.pool);
	board_close(&master.board);
	generation_free(master_generation);
}

#endif
