#include "worker/trace.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/target.h"
#include "worker/session_activity.h"
#include "worker/session_rows.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { FOLLOWERS = 8, LINE_LONGEST = 4096 };

struct follower {
	int socket; /* -1: none */
	struct target target;
	uint64_t left_out; /* lines that were not told, since the last that was */
};

struct traces {
	_Atomic uint32_t count;
	pthread_mutex_t lock; /* of all the rest */
	struct follower followers[FOLLOWERS];
};

struct traces *traces_new(void)
{
	struct traces *traces = calloc(1, sizeof(*traces));

	if (!traces)
		return NULL;
	pthread_mutex_init(&traces->lock, NULL);
	for (int i = 0; i < FOLLOWERS; i++)
		traces->followers[i].socket = -1;
	return traces;
}

bool trace_is_wanted(const struct engine *engine)
{
	return engine->traces &&
	       atomic_load_explicit(&engine->traces->count, memory_order_relaxed) > 0;
}

static void leave(struct traces *traces, struct follower *follower)
{
	close(follower->socket);
	follower->socket = -1;
	atomic_fetch_sub(&traces->count, 1);
}

/* ---- lines ---- */

/* As in the log, and then as JSON wants it, which has a sign of its own for a quote. */
static size_t put_text(char *out, size_t room, const char *key, const char *bytes, size_t length)
{
	char quoted[LOG_QUOTED];
	size_t used = (size_t)snprintf(out, room, ",\"%s\":\"", key);

	log_quote(quoted, bytes, length);
	for (const char *p = quoted + 1; p[1] != '\0' && used + 4 < room; p++) {
		bool quote = strncmp(p, "\\x22", 4) == 0;

		if (*p == '\\' || *p == '"')
			out[used++] = '\\';
		out[used++] = quote ? '"' : *p;
		p += quote ? 3 : 0;
	}
	out[used++] = '"';
	out[used] = '\0';
	return used;
}

static size_t write_line(char out[LINE_LONGEST], const struct session *session,
	const struct board_activity *activity, const struct transcript_line *line)
{
	char name[SESSION_NAME], peer[ADDRESS_TEXT];
	int64_t ago_ms = clock_coarse_ms() - line->at_ms;
	size_t used = (size_t)snprintf(out, LINE_LONGEST,
		"{\"session\":\"%s\",\"peer\":\"%s\",\"from\":\"%s\",\"ago_ms\":%jd",
		session_name(session, name), address_format(&activity->peer, peer),
		line->side == FROM_CLIENT ? "client" : "server",
		(intmax_t)(ago_ms > 0 ? ago_ms : 0));

	used += put_text(
		out + used, LINE_LONGEST - used, "user", activity->user, strlen(activity->user));
	used += put_text(out + used, LINE_LONGEST - used, "line", line->text, line->length);
	memcpy(out + used, "}\n", 2);
	return used + 2;
}

/* The kernel takes a short line whole or not at all. */
static bool say(struct traces *traces, struct follower *follower, const char *line, size_t length)
{
	if (send(follower->socket, line, length, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)length)
		return true;
	if (errno != EAGAIN && errno != EINTR && errno != ENOBUFS && errno != ENOMEM)
		leave(traces, follower);
	return false;
}

static void tell(struct traces *traces, struct follower *follower, const char *line, size_t length)
{
	char text[64];

	if (follower->left_out > 0) {
		int size = snprintf(
			text, sizeof(text), "{\"left_out\":%ju}\n", (uintmax_t)follower->left_out);

		if (!say(traces, follower, text, (size_t)size)) {
			follower->left_out++;
			return;
		}
		follower->left_out = 0;
	}
	if (!say(traces, follower, line, length))
		follower->left_out++;
}

void trace_tell(
	const struct session *session, enum transcript_side side, const char *line, size_t length)
{
	struct traces *traces = session->engine->traces;
	struct transcript_line said = {.at_ms = clock_coarse_ms(), .side = side, .length = length};
	char text[LINE_LONGEST];
	size_t written;

	memcpy(said.text, line, length);
	written = write_line(text, session, &session->activity, &said);
	pthread_mutex_lock(&traces->lock);
	for (int i = 0; i < FOLLOWERS; i++) {
		struct follower *follower = &traces->followers[i];

		if (follower->socket >= 0 &&
			target_is(&follower->target, session->engine->slot, &session->activity))
			tell(traces, follower, text, written);
	}
	pthread_mutex_unlock(&traces->lock);
}

/* ---- beginning and end ---- */

/* The shutdown is for a reader who had no room for the word. */
static void tell_end(struct traces *traces, struct follower *follower)
{
	static const char text[] = "{\"ended\":true}\n";

	tell(traces, follower, text, sizeof(text) - 1);
	if (follower->socket < 0)
		return;
	shutdown(follower->socket, SHUT_WR);
	leave(traces, follower);
}

void trace_end(const struct session *session)
{
	struct traces *traces = session->engine->traces;

	if (!trace_is_wanted(session->engine))
		return;
	pthread_mutex_lock(&traces->lock);
	for (int i = 0; i < FOLLOWERS; i++) {
		struct follower *follower = &traces->followers[i];

		if (follower->socket >= 0 && follower->target.kind == TARGET_SESSION &&
			target_is(&follower->target, session->engine->slot, &session->activity))
			tell_end(traces, follower);
	}
	pthread_mutex_unlock(&traces->lock);
}

struct replay {
	struct traces *traces;
	struct follower *follower;
	const struct session *session;
	struct board_activity activity;
};

static void replay_line(void *context, const struct transcript_line *line)
{
	struct replay *replay = context;
	char text[LINE_LONGEST];
	size_t length = write_line(text, replay->session, &replay->activity, line);

	if (replay->follower->socket >= 0)
		tell(replay->traces, replay->follower, text, length);
}

/* Is it the one session that is followed? Then its activity is in the replay. */
static bool is_meant(struct replay *replay, const struct session *session)
{
	uint64_t bytes;

	return atomic_load(&session->state) != STATE_FREE &&
	       board_session_read(session->row, &replay->activity, &bytes) &&
	       target_is(&replay->follower->target, session->engine->slot, &replay->activity);
}

/* What one session has said before; it cannot end meanwhile. False if it has ended already. */
static bool replay(struct engine *engine, struct follower *follower)
{
	struct sessions *sessions = engine->sessions;
	struct replay replay = {.traces = engine->traces, .follower = follower};
	uint32_t highest = atomic_load(&sessions->highest);
	bool is_there = false;

	if (follower->target.kind != TARGET_SESSION || follower->target.slot != engine->slot)
		return true;
	pthread_mutex_lock(&sessions->close_lock);
	for (uint32_t i = 0; i < highest && !is_there; i++) {
		replay.session = &sessions->all[i];
		is_there = is_meant(&replay, &sessions->all[i]);
		if (is_there)
			transcript_each(&sessions->all[i], replay_line, &replay);
	}
	pthread_mutex_unlock(&sessions->close_lock);
	return is_there;
}

void trace_begin(struct engine *engine, const char *target, int descriptor)
{
	struct traces *traces = engine->traces;
	struct follower newcomer = {.socket = descriptor};
	int i = 0;

	if (target_parse(&newcomer.target, target, NULL) < 0) {
		close(descriptor);
		return;
	}
	atomic_fetch_add(&traces->count, 1);
	if (!replay(engine, &newcomer))
		tell_end(traces, &newcomer);
	if (newcomer.socket < 0)
		return;
	pthread_mutex_lock(&traces->lock);
	while (i < FOLLOWERS && traces->followers[i].socket >= 0)
		i++;
	if (i < FOLLOWERS)
		traces->followers[i] = newcomer;
	else
		leave(traces, &newcomer);
	pthread_mutex_unlock(&traces->lock);
}

void trace_tend(struct engine *engine)
{
	struct traces *traces = engine->traces;

	if (!trace_is_wanted(engine))
		return;
	pthread_mutex_lock(&traces->lock);
	for (int i = 0; i < FOLLOWERS; i++) {
		struct pollfd watch = {.fd = traces->followers[i].socket};

		if (watch.fd >= 0 && poll(&watch, 1, 0) > 0 && watch.revents & POLLHUP)
			leave(traces, &traces->followers[i]);
	}
	pthread_mutex_unlock(&traces->lock);
}
