#include "worker/session_room.h"

#include "common/channel.h"
#include "common/clock.h"
#include "common/log.h"
#include "worker/limits.h"
#include "worker/pulse.h"
#include "worker/session_activity.h"
#include "worker/session_rows.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LOOK_MS = 50, PATIENCE_MS = PULSE_MS + 1000 };

/* ---- who wants room ---- */

static void ask_all(const struct engine *engine, uint64_t user)
{
	char text[20];

	snprintf(text, sizeof(text), "%" PRIx64, user);
	(void)channel_send(engine->channel, CHANNEL_PROBE, text, -1);
}

static int wait_for_room(struct session *session, const char *name, uint32_t most)
{
	const struct engine *engine = session->engine;
	uint64_t user = limits_user(name);
	int64_t since = clock_ms();
	int error = -EUSERS;

	ask_all(engine, user);
	while (error == -EUSERS && limits_user_may_get_room(engine, user, since) &&
		clock_ms() - since < PATIENCE_MS) {
		error = stream_pause(&session->stream, LOOK_MS);
		if (error == 0)
			error = session_log_in(session, name, most);
	}
	return error;
}

int session_log_in_patiently(struct session *session, const char *name, uint32_t most)
{
	int error = session_log_in(session, name, most);
	char own[SESSION_NAME], user[LOG_QUOTED];

	if (error != -EUSERS || session->engine->channel < 0 ||
		gang_is_spread_thin(session->engine->gang))
		return error;
	error = wait_for_room(session, name, most);
	if (error == 0)
		log_info("session: one whose client was gone has made room", "user=%s session=%s",
			log_quote(user, name, strlen(name)), session_name(session, own));
	return error;
}

/* ---- who may give it; on the monitor thread ---- */

/* With the lock held, a live row is the session's, and so is its socket. */
static bool is_idle_of(const struct session *session, uint64_t user)
{
	struct board_activity activity;
	uint64_t bytes;

	return atomic_load(&session->state) == STATE_PARKED &&
	       board_session_read(session->row, &activity, &bytes) && activity.user_key == user;
}

/* One that is dead is woken, finds its stream at an end, and ends. */
static void note(struct session *session, enum pulse pulse)
{
	atomic_store(&session->row->doubted, pulse != PULSE_FELT);
	if (pulse == PULSE_DEAD)
		stream_shutdown(&session->stream);
}

static void probe(struct sessions *sessions, struct session *session, uint64_t user, int64_t now_ms)
{
	pthread_mutex_lock(&sessions->close_lock);
	if (is_idle_of(session, user)) {
		enum pulse pulse = pulse_ask(session->stream.socket);

		note(session, pulse);
		atomic_store(&session->probed_ms, pulse == PULSE_WAITED ? now_ms : 0);
		if (pulse == PULSE_WAITED)
			sessions->probing_until_ms = now_ms + PULSE_MS;
	}
	pthread_mutex_unlock(&sessions->close_lock);
}

void sessions_probe(struct sessions *sessions, const char *order)
{
	uint32_t highest = atomic_load(&sessions->highest);
	uint64_t user = strtoull(order, NULL, 16);
	int64_t now = clock_ms();

	for (uint32_t i = 0; user != 0 && i < highest; i++)
		probe(sessions, &sessions->all[i], user, now);
	/* In this order: who sees the new time, sees whose it is. */
	atomic_store(&sessions->engine->row->probed_user, user);
	atomic_store(&sessions->engine->row->probed_ms, now);
}

static void look_at(struct sessions *sessions, struct session *session, int64_t now_ms)
{
	int64_t asked = atomic_load(&session->probed_ms);

	if (asked == 0)
		return;
	pthread_mutex_lock(&sessions->close_lock);
	asked = atomic_load(&session->probed_ms);
	if (asked != 0 && atomic_load(&session->state) != STATE_FREE) {
		enum pulse pulse = pulse_feel(session->stream.socket, now_ms - asked);

		note(session, pulse);
		if (pulse == PULSE_FELT || now_ms - asked >= PULSE_MS) {
			pulse_keep(session->stream.socket);
			atomic_store(&session->row->doubted, 0);
			atomic_store(&session->probed_ms, 0);
		}
	}
	pthread_mutex_unlock(&sessions->close_lock);
}

void sessions_look_at_probed(struct sessions *sessions, int64_t now_ms)
{
	uint32_t highest = atomic_load(&sessions->highest);

	for (uint32_t i = 0; i < highest; i++)
		look_at(sessions, &sessions->all[i], now_ms);
	if (now_ms >= sessions->probing_until_ms)
		sessions->probing_until_ms = 0;
}
