/* The inside of a worker without the process around it: config, board, gang and sessions. */
#ifndef FTPOOL_TESTS_UNIT_ENGINE_SETUP_H
#define FTPOOL_TESTS_UNIT_ENGINE_SETUP_H

#include "tests/unit/loading.h"
#include "tests/unit/loopback.h"
#include "tests/unit/quiet_log.h"
#include "tests/unit/until.h"
#include "worker/engine.h"
#include "worker/limits.h"
#include "worker/session_activity.h"

#include <signal.h>

static struct engine engine;
static struct board engine_board;
static struct config *engine_config;

/* With room for so many sessions; the config's limits may be changed afterwards. The board has room
 * for another worker, who is not there. */
static inline void engine_set_up(uint32_t capacity)
{
	quiet_log();
	engine_config = load_fine("listener test { }\n");
	ck_assert_int_eq(board_open(&engine_board, 2, capacity), 0);
	engine = (struct engine){.config = engine_config,
		.board = &engine_board,
		.row = &engine_board.workers[0],
		.channel = -1,
		.questions = -1};
	ck_assert_int_eq(gang_start(&engine.gang, 50, engine.row), 0);
	engine.sessions = sessions_new(&engine, capacity);
	ck_assert_ptr_nonnull(engine.sessions);
	signal(SIGPIPE, SIG_IGN);
}

/* What the engine has counted, for whichever listener. */
static inline uint64_t engine_counted(enum board_counter counter)
{
	uint64_t sums[BOARD_COUNTERS] = {0};

	board_add_counters(engine.row, sums);
	return sums[counter];
}

/* The client has got this text. */
static inline void client_expect(int client, const char *text)
{
	char got[200];
	size_t length = strlen(text);

	ck_assert_int_eq(recv(client, got, length, MSG_WAITALL), (ssize_t)length);
	ck_assert_mem_eq(got, text, length);
}

static inline void client_say(int client, const char *text)
{
	ck_assert_int_eq(send(client, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* The server has ended the connection, and said nothing more. */
static inline void client_expect_end(int client)
{
	char byte;

	ck_assert_int_eq(recv(client, &byte, 1, 0), 0);
}

#endif
