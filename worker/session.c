#include "worker/session_rows.h"

#include "common/clock.h"
#include "common/log.h"
#include "worker/farewell.h"
#include "worker/guard.h"
#include "worker/limits.h"
#include "worker/session_activity.h"
#include "worker/session_tls.h"
#include "worker/stream_post.h"
#include "worker/stream_tls.h"
#include "worker/trace.h"
#include "worker/transcript.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>

enum {
	LINGER_MS = 200,
	FIRST_REQUEST_MS = 1000,
	WATCHED_EVENTS = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT
};

static void session_ready(struct watch *watch, uint32_t events);

struct sessions *sessions_new(struct engine *engine, uint32_t capacity)
{
	struct sessions *sessions = calloc(1, sizeof(*sessions));
	size_t size = (size_t)capacity * sizeof(struct session);

	if (!sessions)
		return NULL;
	sessions->all = mmap(NULL, size, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (sessions->all == MAP_FAILED) {
		free(sessions);
		return NULL;
	}
	sessions->engine = engine;
	sessions->capacity = capacity;
	pthread_mutex_init(&sessions->free_lock, NULL);
	pthread_mutex_init(&sessions->close_lock, NULL);
	return sessions;
}

uint32_t sessions_count(const struct sessions *sessions)
{
	return atomic_load(&sessions->count);
}

uint32_t sessions_capacity(const struct sessions *sessions)
{
	return sessions->capacity;
}

/* The row freed last is used first, so that few rows are ever touched. What wakes a row is set
 * once: a thread may hold an event of the session that had it before. */
static struct session *take_row(struct sessions *sessions)
{
	struct session *session = NULL;
	uint32_t highest;

	pthread_mutex_lock(&sessions->free_lock);
	highest = atomic_load(&sessions->highest);
	if (sessions->free) {
		session = sessions->free;
		sessions->free = session->next_free;
	} else if (highest < sessions->capacity) {
		session = &sessions->all[highest];
		session->index = highest;
		session->watch.ready = session_ready;
		atomic_store(&sessions->highest, highest + 1);
		atomic_store(&sessions->engine->row->rows_used, highest + 1);
	}
	if (session)
		atomic_fetch_add(&sessions->count, 1);
	pthread_mutex_unlock(&sessions->free_lock);
	return session;
}

static void give_row_back(struct sessions *sessions, struct session *session)
{
	pthread_mutex_lock(&sessions->free_lock);
	session->next_free = sessions->free;
	sessions->free = session;
	atomic_fetch_sub(&sessions->count, 1);
	pthread_mutex_unlock(&sessions->free_lock);
}

static void log_session(const struct session *session, const char *event, const char *reason)
{
	char name[SESSION_NAME], peer[ADDRESS_TEXT];

	log_debug(event, "session=%s peer=%s listener=%s reason=%s", session_name(session, name),
		address_format(&session->activity.peer, peer), session->listener->name, reason);
}

void session_close(struct session *session, const char *reason)
{
	struct sessions *sessions = session->engine->sessions;
	struct address peer = session->activity.peer;

	log_session(session, "session: closed", reason);
	if (session->trouble)
		transcript_log(session, session->trouble);
	trace_end(session);
	if (session->protocol->close)
		session->protocol->close(session);
	session_log_out(session);
	board_session_close(session->row);
	atomic_fetch_sub(
		&board_listener(session->engine->row, session->activity.listener)->sessions, 1);
	pthread_mutex_lock(&sessions->close_lock);
	stream_close(&session->stream);
	free(atomic_exchange(&session->kick_reason, NULL));
	atomic_store(&session->kicked_ms, 0);
	atomic_store(&session->probed_ms, 0);
	atomic_store(&session->resume_ms, 0);
	atomic_store(&session->state, STATE_FREE);
	pthread_mutex_unlock(&sessions->close_lock);
	limits_release(session->engine, &peer);
	transcript_close(session);
	give_row_back(sessions, session);
}

void session_say_farewell(struct session *session, enum session_end why)
{
	char text[FAREWELL_TEXT];
	const char *reason = atomic_load(&session->kick_reason);
	size_t length = farewell_write(session->protocol, why, reason ? reason : "", text);

	if (why != END_IDLE)
		session->trouble = NULL;
	if (length > 0)
		stream_say(&session->stream, text, length);
}

/* As long as replies wait, the client's end is of no interest: it would be there all the time. */
static uint32_t events_to_wait_for(const struct stream *stream)
{
	if (!stream_has_posted(stream))
		return WATCHED_EVENTS | stream_tls_more_events(stream);
	return EPOLLONESHOT | (stream->tls && !stream->tls->wants_output ? EPOLLIN : EPOLLOUT);
}

/* Lets go of the session. false: the client has sent more meanwhile, the caller still owns it. */
static bool park(struct session *session)
{
	struct gang *gang = session->engine->gang;
	uint32_t parking = STATE_PARKING;
	int socket = session->stream.socket;
	uint32_t events = events_to_wait_for(&session->stream);
	int error;

	stream_rest(&session->stream);
	atomic_store(&session->state, STATE_PARKING);
	if (session->watched)
		error = gang_rearm(gang, socket, events, &session->watch);
	else
		error = gang_add(gang, socket, events, &session->watch);
	if (error < 0) {
		char name[SESSION_NAME];

		log_warning("session: cannot wait for its client", "session=%s error=\"%s\"",
			session_name(session, name), strerror(-error));
		atomic_store(&session->told_to_close, true);
		atomic_store(&session->state, STATE_RUNNING);
		return false;
	}
	session->watched = true;
	if (atomic_compare_exchange_strong(&session->state, &parking, STATE_PARKED))
		return true;
	atomic_store(&session->state, STATE_RUNNING);
	return false;
}

/* Lets go of it until it is time to go on: nothing is waited for meanwhile. Behind the store it may
 * be another one's. */
static void rest(struct session *session)
{
	struct gang *gang = session->engine->gang;

	atomic_fetch_add(&session->engine->sessions->resting, 1);
	atomic_store(&session->state, STATE_PARKED);
	gang_call_monitor(gang);
}

/* Watches for room to send, which there is, or will be: from then on the session is whoever's the
 * event takes it up. */
static int wait_for_room(struct session *session, bool watched)
{
	uint32_t events = WATCHED_EVENTS | EPOLLOUT;
	struct gang *gang = session->engine->gang;

	return watched ? gang_rearm(gang, session->stream.socket, events, &session->watch)
		       : gang_add(gang, session->stream.socket, events, &session->watch);
}

/* So the gang takes it up as it does a client's bytes. It stays parked, since the event is there
 * before the call has come back, and nobody but the monitor, who calls this, takes up a session
 * that is not watched. */
void session_wake(struct session *session)
{
	bool watched = session->watched;
	uint32_t parked = STATE_PARKED;
	int error;

	session->watched = true;
	/* Who takes it up sees what was written before this. */
	if (!atomic_compare_exchange_strong(&session->state, &parked, STATE_PARKED))
		return;
	error = wait_for_room(session, watched);
	if (error == 0 || !atomic_compare_exchange_strong(&session->state, &parked, STATE_RUNNING))
		return;
	session->watched = watched;
	session_close(session, strerror(-error));
}

static void end_session(struct session *session, int linger_ms, const char *reason)
{
	(void)stream_post_more(&session->stream);
	stream_finish(&session->stream, linger_ms);
	session_close(session, reason);
}

bool session_may_still_ask(const struct session *session)
{
	return !atomic_load(&session->asked) &&
	       clock_ms() - atomic_load(&session->idle_since_ms) < FIRST_REQUEST_MS;
}

static enum session_next begin(struct session *session)
{
	session->begun = true;
	return session->protocol->open ? session->protocol->open(session) : SESSION_PARK;
}

/* Done with the handshake: a session that begins with TLS begins now. */
static enum session_next shake(struct session *session)
{
	enum session_next next = session_tls_shake(session);

	if (next == SESSION_CLOSE || session->begun || stream_is_shaking(&session->stream))
		return next;
	atomic_store(&session->idle_timeout_seconds, 0);
	return begin(session);
}

static enum session_next serve(struct session *session)
{
	int posted;

	if (stream_is_shaking(&session->stream))
		return shake(session);
	posted = stream_post_more(&session->stream);
	if (posted < 0)
		return posted == -EAGAIN ? SESSION_PARK : SESSION_CLOSE;
	atomic_store(&session->asked, true);
	return session->protocol->serve(session);
}

/* Returns how it ended, for the log. */
static const char *bid_farewell_if_kicked(struct session *session)
{
	if (atomic_load(&session->kicked_ms) == 0)
		return atomic_load(&session->told_to_close) ? "cut" : "ended";
	session_say_farewell(session, atomic_load(&session->kicked_by));
	return session_end_name(atomic_load(&session->kicked_by));
}

static bool can_park(const struct session *session)
{
	return stream_has_posted(&session->stream) || !stream_has_pending(&session->stream);
}

/* Serves until the client is silent or the session over. `next` is what came of its opening. */
static void run(struct session *session, enum session_next next)
{
	while (next == SESSION_PARK) {
		if (atomic_load(&session->told_to_close))
			break;
		if (atomic_load(&session->engine->draining) && !session_may_still_ask(session)) {
			enum session_end why = session_leave(session->engine);

			session_say_farewell(session, why);
			end_session(session, LINGER_MS, session_end_name(why));
			return;
		}
		if (atomic_load(&session->resume_ms) != 0) {
			rest(session);
			return;
		}
		if (can_park(session) && park(session))
			return;
		if (!atomic_load(&session->told_to_close))
			next = serve(session);
	}
	end_session(
		session, next == SESSION_PARTED ? 0 : LINGER_MS, bid_farewell_if_kicked(session));
}

/* The owner may let go between our two looks, so they are repeated until one of them counts. */
static void session_ready(struct watch *watch, uint32_t events)
{
	struct session *session = (struct session *)watch;
	uint32_t state = atomic_load(&session->state);

	(void)events;
	while (state == STATE_PARKED || state == STATE_PARKING) {
		uint32_t next = state == STATE_PARKED ? STATE_RUNNING : STATE_WOKEN;

		if (!atomic_compare_exchange_weak(&session->state, &state, next))
			continue;
		if (next == STATE_RUNNING)
			run(session, serve(session));
		return;
	}
}

static void set_up(struct session *session, struct sessions *sessions, int socket,
	const struct address *peer, uint32_t listener)
{
	struct engine *engine = sessions->engine;

	session->engine = engine;
	session->listener = &engine->config->listeners[listener];
	session->row = board_session(engine->board, engine->slot, session->index);
	session->watched = false;
	session->begun = false;
	session->command_us = 0;
	session->trouble = NULL;
	session->transferred = false;
	session->activity = (struct board_activity){.peer = *peer,
		.listener = listener,
		.number = 1 + atomic_fetch_add(&engine->row->numbered, 1),
		.opened_unix = clock_unix_seconds(),
		.bytes_total = -1};
	memset(session->buckets, 0, sizeof(session->buckets));
	memset(session->protocol_bytes, 0, sizeof(session->protocol_bytes));
	atomic_store(&session->told_to_close, false);
	session->paced_ns = 0;
	session->paced = false;
	atomic_store(&session->asked, false);
	atomic_store(&session->idle_since_ms, clock_ms());
	atomic_store(&session->idle_timeout_seconds, 0);
	stream_adopt(&session->stream, socket, (int)engine->config->transfer_timeout_seconds * 1000,
		engine->gang);
	session->stream.total = engine_counter(engine, listener, COUNT_bytes_sent);
}

/* A ban ends the sessions on the board: one that came after the look at the door, and before this
 * one was on it, is seen here. */
static void end_if_banned(struct session *session)
{
	char reason[GUARD_REASON];

	if (guard_is_banned(session->engine, &session->activity.peer, reason))
		session_end_soon(session, END_BANNED, reason);
}

bool session_begin(struct sessions *sessions, int socket, const struct address *peer,
	uint32_t listener, const struct protocol *protocol)
{
	struct session *session = take_row(sessions);

	if (!session)
		return false;
	set_up(session, sessions, socket, peer, listener);
	session->protocol = protocol;
	atomic_store(&session->state, STATE_RUNNING);
	board_session_open(session->row, &session->activity);
	end_if_banned(session);
	session_count(session, COUNT_sessions_opened, 1);
	atomic_fetch_add(
		&board_listener(sessions->engine->row, session->activity.listener)->sessions, 1);
	log_session(session, "session: opened", "accepted");
	if (session->listener->tls == TLS_IMPLICIT)
		run(session, session_tls_begin(session));
	else
		run(session, begin(session));
	return true;
}
