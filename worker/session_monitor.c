#include "common/clock.h"
#include "common/target.h"
#include "worker/session_rows.h"
#include "worker/transcript.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* For a session that was kicked, to say its last words and end by itself. */
enum { KICK_GRACE_MS = 2000, RETIRED_IDLE_MS = 10000, CRIED = 16 };

/* Looks at what is atomic alone: the session may be another one's any moment. */
static bool is_overdue(const struct session *session, const struct config *config, int64_t now)
{
	uint32_t allowed_seconds = atomic_load(&session->idle_timeout_seconds);

	if (allowed_seconds == 0)
		allowed_seconds = config->idle_timeout_seconds;
	return now - atomic_load(&session->idle_since_ms) >= (int64_t)allowed_seconds * 1000;
}

const char *session_end_name(enum session_end why)
{
	return why == END_KICKED     ? "kicked"
	       : why == END_BANNED   ? "banned"
	       : why == END_STOPPING ? "stopping"
	       : why == END_REPLACED ? "replaced"
				     : "idle";
}

enum session_end session_leave(const struct engine *engine)
{
	return atomic_load(&engine->retiring) ? END_REPLACED : END_STOPPING;
}

/* Takes a parked session that is to end, and ends it without waiting for its client. */
static void end_if_parked(struct session *session, enum session_end why)
{
	uint32_t parked = STATE_PARKED;

	if (!atomic_compare_exchange_strong(&session->state, &parked, STATE_RUNNING))
		return;
	if (atomic_exchange(&session->resume_ms, 0) != 0)
		atomic_fetch_sub(&session->engine->sessions->resting, 1);
	if (why == END_IDLE)
		session_count(session, COUNT_sessions_timed_out, 1);
	session_say_farewell(session, why);
	stream_finish(&session->stream, 0);
	session_close(session, session_end_name(why));
}

/* One that has not ended by itself after it was kicked is cut off. */
static void cut_if_kicked(struct sessions *sessions, struct session *session, int64_t now)
{
	int64_t kicked_ms = atomic_load(&session->kicked_ms);

	if (kicked_ms == 0 || now - kicked_ms < KICK_GRACE_MS)
		return;
	pthread_mutex_lock(&sessions->close_lock);
	if (atomic_load(&session->state) != STATE_FREE && atomic_load(&session->kicked_ms) != 0)
		stream_shutdown(&session->stream);
	pthread_mutex_unlock(&sessions->close_lock);
}

/* A client that is in the middle of something asks again soon; one that does not is better served
 * by a worker of now. */
static bool is_left_over(const struct session *session, int64_t now)
{
	return now - atomic_load(&session->idle_since_ms) >= RETIRED_IDLE_MS;
}

static void sweep_one(struct sessions *sessions, struct session *session, int64_t now)
{
	const struct engine *engine = sessions->engine;
	bool draining = atomic_load(&engine->draining);
	bool parked = atomic_load(&session->state) == STATE_PARKED;

	if (parked && (draining ? !session_may_still_ask(session)
				: atomic_load(&engine->retiring) && is_left_over(session, now)))
		end_if_parked(session, session_leave(engine));
	else if (parked && !draining && is_overdue(session, engine->config, now))
		end_if_parked(session, END_IDLE);
	else
		cut_if_kicked(sessions, session, now);
}

uint32_t sessions_sweep(struct sessions *sessions)
{
	uint32_t highest = atomic_load(&sessions->highest);
	int64_t now = clock_ms();

	for (uint32_t i = 0; i < highest; i++)
		sweep_one(sessions, &sessions->all[i], now);
	return sessions_count(sessions);
}

static void wake_if_rested(struct sessions *sessions, struct session *session, int64_t now)
{
	int64_t resume_ms = atomic_load(&session->resume_ms);

	if (resume_ms == 0 || now < resume_ms || atomic_load(&session->state) != STATE_PARKED)
		return;
	atomic_store(&session->resume_ms, 0);
	atomic_fetch_sub(&sessions->resting, 1);
	session_wake(session);
}

void sessions_tick(struct sessions *sessions)
{
	uint32_t highest = atomic_load(&sessions->highest);
	int64_t now = clock_ms();

	for (uint32_t i = 0; i < highest && atomic_load(&sessions->resting) > 0; i++)
		wake_if_rested(sessions, &sessions->all[i], now);
	if (sessions->probing_until_ms != 0)
		sessions_look_at_probed(sessions, now);
}

bool sessions_want_ticks(const struct sessions *sessions)
{
	return sessions->probing_until_ms != 0 || atomic_load(&sessions->resting) > 0;
}

/* With the lock held, a live row is the session's: it is emptied before the lock is taken for the
 * end, and filled again long after. */
static bool is_meant(
	const struct session *session, const struct target *target, enum session_end why)
{
	struct board_activity activity;
	uint64_t bytes;

	return atomic_load(&session->state) != STATE_FREE &&
	       board_session_read(session->row, &activity, &bytes) &&
	       target_is(target, session->engine->slot, &activity) &&
	       !(why == END_BANNED && config_exempts(session->engine->config, &activity.peer));
}

/* Once: its owner may be saying those words already. Under the lock. */
static void mark(struct session *session, enum session_end why, const char *reason)
{
	if (atomic_load(&session->kicked_ms) != 0)
		return;
	free(atomic_exchange(&session->kick_reason, strdup(reason)));
	atomic_store(&session->kicked_by, why);
	atomic_store(&session->kicked_ms, clock_ms());
	atomic_store(&session->told_to_close, true);
}

/* Wakes its owner from whatever he waits for; he may still speak, if that is not into the middle of
 * a file. A parked session is ended by who calls this. Under the lock. */
static void break_off(const struct session *session)
{
	if (session->protocol->transfers_aside || atomic_load(&session->state) == STATE_PARKED)
		stream_shutdown_input(&session->stream);
	else
		stream_shutdown(&session->stream);
}

/* Like a kick: an FTP client in a transfer is told 426 and 421. */
static void cut(struct sessions *sessions, struct session *session)
{
	enum session_end why = session_leave(sessions->engine);

	pthread_mutex_lock(&sessions->close_lock);
	if (atomic_load(&session->state) != STATE_FREE) {
		mark(session, why, "");
		break_off(session);
	}
	pthread_mutex_unlock(&sessions->close_lock);
	end_if_parked(session, why);
}

void sessions_cut(struct sessions *sessions)
{
	uint32_t highest = atomic_load(&sessions->highest);

	for (uint32_t i = 0; i < highest; i++)
		cut(sessions, &sessions->all[i]);
}

void session_end_soon(struct session *session, enum session_end why, const char *reason)
{
	struct sessions *sessions = session->engine->sessions;

	pthread_mutex_lock(&sessions->close_lock);
	mark(session, why, reason);
	pthread_mutex_unlock(&sessions->close_lock);
}

/* Marks it, and wakes its owner from waiting: nothing more can be read, but he may still speak. */
static bool kick(struct sessions *sessions, struct session *session, const struct target *target,
	const char *reason, enum session_end why)
{
	bool meant;

	pthread_mutex_lock(&sessions->close_lock);
	meant = is_meant(session, target, why);
	if (meant) {
		mark(session, why, reason);
		break_off(session);
	}
	pthread_mutex_unlock(&sessions->close_lock);
	return meant;
}

uint32_t sessions_kick(struct sessions *sessions, const char *order, enum session_end why)
{
	uint32_t highest = atomic_load(&sessions->highest), count = 0;
	const char *reason;
	struct target target;

	if (target_parse(&target, order, &reason) < 0)
		return 0;
	for (uint32_t i = 0; i < highest; i++) {
		struct session *session = &sessions->all[i];

		if (!kick(sessions, session, &target, reason, why))
			continue;
		end_if_parked(session, why);
		count++;
	}
	return count;
}

/* By hand: nothing of stdio may be called. */
static void cry_name(uint32_t index, int descriptor)
{
	static const char head[] = "session in row ";
	char text[sizeof(head) + 12];
	size_t at = sizeof(text);

	text[--at] = '\n';
	do {
		text[--at] = (char)('0' + index % 10);
		index /= 10;
	} while (index > 0);
	at -= sizeof(head) - 1;
	memcpy(text + at, head, sizeof(head) - 1);
	(void)!write(descriptor, text + at, sizeof(text) - at);
}

void sessions_cry(const struct sessions *sessions, int descriptor)
{
	uint32_t highest = atomic_load(&sessions->highest), cried = 0;

	for (uint32_t i = 0; i < highest && cried < CRIED; i++) {
		const struct session *session = &sessions->all[i];

		if (atomic_load(&session->state) != STATE_RUNNING)
			continue;
		cry_name(i, descriptor);
		transcript_cry(session, descriptor);
		cried++;
	}
}
