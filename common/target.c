#include "common/target.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* "3.17", and nothing else: digits, a dot, digits. */
static bool parse_session(struct target *target, const char *word)
{
	const char *dot = strchr(word, '.');
	char *end;
	unsigned long slot, number;

	if (!dot || !isdigit((unsigned char)word[0]) || !isdigit((unsigned char)dot[1]))
		return false;
	slot = strtoul(word, &end, 10);
	if (end != dot)
		return false;
	number = strtoul(dot + 1, &end, 10);
	if (*end != '\0' || slot > UINT32_MAX || number > UINT32_MAX)
		return false;
	target->slot = (uint32_t)slot;
	target->number = (uint32_t)number;
	return true;
}

int target_parse(struct target *target, const char *text, const char **rest)
{
	char word[256];
	size_t length = strcspn(text, " ");

	if (length == 0 || length >= sizeof(word))
		return -EINVAL;
	memcpy(word, text, length);
	word[length] = '\0';
	if (rest)
		*rest = text[length] == ' ' ? text + length + 1 : "";
	*target = (struct target){.kind = TARGET_USER};
	memcpy(target->user, word, length < BOARD_USER ? length : BOARD_USER - 1);
	if (parse_session(target, word))
		target->kind = TARGET_SESSION;
	else if (network_parse(&target->network, word) == 0)
		target->kind = TARGET_NETWORK;
	return 0;
}

bool target_is(const struct target *target, uint32_t slot, const struct board_activity *activity)
{
	switch (target->kind) {
	case TARGET_SESSION: return target->slot == slot && target->number == activity->number;
	case TARGET_NETWORK: return network_contains(&target->network, &activity->peer);
	default: return strcmp(target->user, activity->user) == 0;
	}
}

bool target_find(const struct target *target, const struct board *board,
	struct board_activity *activity, uint64_t *bytes)
{
	if (target->kind != TARGET_SESSION || target->slot >= board_slots_used(board))
		return false;
	for (uint32_t i = 0; i < board_rows_used(board, target->slot); i++) {
		if (board_session_read(board_session(board, target->slot, i), activity, bytes) &&
			target_is(target, target->slot, activity))
			return true;
	}
	return false;
}
