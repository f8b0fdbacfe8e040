#include "worker/session_activity.h"

#include "common/clock.h"
#include "worker/limits.h"

#include <errno.h>
#include <stdio.h>

char *session_name(const struct session *session, char name[SESSION_NAME])
{
	snprintf(name, SESSION_NAME, "%u.%u", session->engine->slot, session->activity.number);
	return name;
}

void session_command(struct session *session, const char *command, const char *path)
{
	struct board_activity *activity = &session->activity;

	session->path = path;
	snprintf(activity->command, sizeof(activity->command), "%s", command);
	snprintf(activity->path, sizeof(activity->path), "%s", path ? path : "");
	session->command_us = clock_us();
	session->transferred = false;
	session->trouble = NULL;
	activity->command_since_ms = session->command_us / 1000;
	atomic_store_explicit(&session->row->bytes_done, 0, memory_order_relaxed);
	board_session_write(session->row, activity);
	session_count(session, COUNT_requests, 1);
}

void session_log_out(struct session *session)
{
	uint64_t user = session->activity.user_key;

	session->user = NULL;
	if (user == 0)
		return;
	session->activity.user[0] = '\0';
	session->activity.user_key = 0;
	board_session_write(session->row, &session->activity);
	limits_release_user(session->engine, user);
}

int session_log_in(struct session *session, const char *name, uint32_t most)
{
	uint64_t user = limits_user(name);

	session_log_out(session);
	if (!limits_claim_user(session->engine, user, most))
		return -EUSERS;
	snprintf(session->activity.user, sizeof(session->activity.user), "%s", name);
	session->activity.user_key = user;
	session->user = name;
	board_session_write(session->row, &session->activity);
	return 0;
}

void session_expect(struct session *session, int64_t bytes)
{
	session->activity.bytes_total = bytes;
	board_session_write(session->row, &session->activity);
}

static void note(const struct session *session, enum board_latency latency, int64_t us)
{
	board_latency_note(
		board_listener(session->engine->row, session->activity.listener), latency, us);
}

void session_latency(const struct session *session, enum board_latency latency)
{
	note(session, latency, clock_us() - session->command_us);
}

void session_first_byte(const struct session *session, int64_t moved_us)
{
	if (moved_us != 0)
		note(session, LATENCY_FIRST_BYTE, moved_us - session->command_us);
}

void session_idle(struct session *session)
{
	int64_t now_us = clock_us();

	if (session->command_us != 0)
		note(session, session->transferred ? LATENCY_TRANSFER : LATENCY_COMMAND,
			now_us - session->command_us);
	session->command_us = 0;
	session->activity.command[0] = '\0';
	session->activity.path[0] = '\0';
	session->path = NULL;
	session->activity.command_since_ms = 0;
	session->activity.bytes_total = -1;
	board_session_write(session->row, &session->activity);
	atomic_store(&session->idle_since_ms, now_us / 1000);
}

int session_is_cut(void *session)
{
	const struct session *asked = session;

	return atomic_load(&asked->told_to_close) ? -ECONNABORTED : 0;
}

void session_transfer_begin(struct session *session)
{
	session->transferred = true;
	atomic_fetch_add(&session->engine->row->transfers, 1);
	gang_leave(session->engine->gang);
}

void session_transfer_end(struct session *session)
{
	gang_rejoin(session->engine->gang);
	atomic_fetch_sub(&session->engine->row->transfers, 1);
}
