/* Whom an order is about: a session ("3.17": the worker's slot and its row), everybody at an
 * address or in a network ("192.0.2.7", "2001:db8::/32"), or all sessions of a user. */
#ifndef FTPOOL_COMMON_TARGET_H
#define FTPOOL_COMMON_TARGET_H

#include "common/board.h"
#include "common/network.h"

enum target_kind { TARGET_SESSION, TARGET_NETWORK, TARGET_USER };

struct target {
	enum target_kind kind;
	uint32_t slot, number;
	struct network network;
	char user[BOARD_USER]; /* cut as on the board */
};

/* Reads the first word of a text; *rest, unless NULL, is what stands behind it and its blank: "" if
 * nothing does. 0, or -EINVAL when there is no word. */
int target_parse(struct target *target, const char *text, const char **rest);

/* Is that session of that slot one of those? */
bool target_is(const struct target *target, uint32_t slot, const struct board_activity *activity);

/* Finds the session that is the target on the board. False if it is none, or not there. */
bool target_find(const struct target *target, const struct board *board,
	struct board_activity *activity, uint64_t *bytes);

#endif
