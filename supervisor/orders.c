#include "supervisor/orders.h"

#include "common/clock.h"
#include "common/target.h"
#include "supervisor/master.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* As the config has it. */
enum { WORKERS_MOST = 1024 };

static json_t *refuse(const char *why)
{
	return json_pack("{s:s}", "error", why);
}

/* Goes to clients as it is. */
static bool is_fit_to_say(const char *reason)
{
	for (; *reason; reason++) {
		if (iscntrl((unsigned char)*reason) || (unsigned char)*reason == 0xff)
			return false;
	}
	return true;
}

static uint32_t count_meant(const struct master *master, const struct target *target, uint32_t slot)
{
	struct board_activity activity;
	uint32_t count = 0;
	uint64_t bytes;

	for (uint32_t row = 0; row < board_rows_used(&master->board, slot); row++) {
		if (board_session_read(
			    board_session(&master->board, slot, row), &activity, &bytes) &&
			target_is(target, slot, &activity))
			count++;
	}
	return count;
}

/* Tells the slot's worker if it has any of them. */
static void kick_in(struct master *master, const struct target *target, const char *argument,
	uint32_t slot, uint32_t *told, uint32_t *silent)
{
	uint32_t meant = count_meant(master, target, slot);

	if (meant == 0)
		return;
	if (pool_tell(&master->pool, slot, CHANNEL_KICK, argument, -1) < 0 ||
		pool_is_silent(&master->pool, slot, clock_ms()))
		*silent += meant;
	else
		*told += meant;
}

json_t *order_kick(struct master *master, const char *argument)
{
	uint32_t told = 0, silent = 0;
	const char *reason;
	struct target target;

	if (strlen(argument) >= CHANNEL_TEXT || target_parse(&target, argument, &reason) < 0 ||
		!is_fit_to_say(reason))
		return refuse("the form is: kick SESSION, USER or ADDRESS, and a reason of one "
			      "line if there is one");
	for (uint32_t slot = 0; slot < board_slots_used(&master->board); slot++)
		kick_in(master, &target, argument, slot, &told, &silent);
	if (told + silent == 0)
		return refuse("there is no such session, nor any of such a user or address");
	return json_pack(
		"{s:s, s:i, s:i}", "done", "kicked", "sessions", (int)told, "silent", (int)silent);
}

json_t *order_trace(struct master *master, const char *argument)
{
	int error = traces_add(&master->traces, &master->pool, argument, master->asking);

	if (error == -EBUSY)
		return refuse("as many traces as there can be are running");
	if (error == -EINVAL)
		return refuse("the form is: trace SESSION, USER or ADDRESS");
	if (error == -ENOENT)
		return refuse("there is no such session");
	return error < 0 ? refuse(strerror(-error)) : json_pack("{s:s}", "tracing", argument);
}

/* The number of an argument that is one, at most `most`; -1 if it is none. */
static long number_of(const char *argument, long most)
{
	char *end;
	long number;

	if (!isdigit((unsigned char)argument[0]))
		return -1;
	errno = 0;
	number = strtol(argument, &end, 10);
	return errno == 0 && *end == '\0' && number <= most ? number : -1;
}

json_t *order_workers(struct master *master, const char *argument)
{
	long count = number_of(argument, WORKERS_MOST);

	if (count < 1)
		return refuse("workers takes a number from 1 to 1024");
	if (master->stopping || !master->announced)
		return refuse("the server is starting or stopping");
	if (master_set_workers(master, (uint32_t)count) < 0)
		return refuse("so many workers have no room beside those that are leaving; fewer "
			      "have, or set workers in the config and restart");
	return json_pack("{s:s, s:i}", "done", "workers", "workers", (int)count);
}

/* One that retires already, after a reload, has its transfers' time counted from now on. */
static int drain(struct master *master, struct pool_slot *slot)
{
	if (slot->state == POOL_LIVING)
		pool_replace_slot(&master->pool, slot, CHANNEL_DRAIN);
	else if (slot->state == POOL_LEAVING)
		return pool_tell(&master->pool, (uint32_t)(slot - master->pool.slots),
			       CHANNEL_DRAIN, "", -1) == 0;
	else
		return 0;
	return 1;
}

static json_t *tell_drained(const struct master *master, int count)
{
	if (master->stopping)
		return refuse("the server is stopping");
	if (count == 0)
		return refuse("there is no such worker");
	return json_pack("{s:s, s:i}", "done", "drain", "workers", count);
}

json_t *order_drain(struct master *master)
{
	int count = 0;

	/* Those that take the places are starting, and not meant. */
	for (uint32_t i = 0; i < master->pool.slot_count && !master->stopping; i++)
		count += drain(master, &master->pool.slots[i]);
	return tell_drained(master, count);
}

json_t *order_drain_one(struct master *master, const char *argument)
{
	long number = number_of(argument, (long)master->pool.slot_count - 1);
	int count = 0;

	if (number >= 0 && !master->stopping)
		count = drain(master, &master->pool.slots[number]);
	return tell_drained(master, count);
}

json_t *order_log_level(struct master *master, const char *argument)
{
	int level = log_level_named(argument);

	if (level < 0)
		return refuse("the levels are error, warning, info and debug");
	master_set_log_level(master, (enum log_level)level);
	return json_pack(
		"{s:s, s:s}", "done", "log-level", "level", log_level_name((enum log_level)level));
}

json_t *order_reopen(struct master *master)
{
	int error = master_reopen_log(master);

	return error < 0 ? refuse(strerror(-error)) : json_pack("{s:s}", "done", "reopened");
}
