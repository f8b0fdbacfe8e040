#include "worker/lgpq/lgpq.h"

#include "common/log.h"
#include "worker/authenticate.h"
#include "worker/lgpq/bare.h"
#include "worker/lgpq/framed.h"
#include "worker/lgpq/state.h"
#include "worker/session_activity.h"
#include "worker/session_room.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A framed first request that TCP has cut looks bare until its \n is there; this is how long it may
 * be late. The old client is waiting for its reply and does not notice. */
enum { FIRST_REQUEST_GRACE_MS = 30 };

/* The first request decides for good: with \n it is framed, without it is bare. A TAB behind the
 * letter is never bare, so there the \n is worth waiting for. */
static enum lgpq_mode mode_of(const char *request, size_t length)
{
	if (memchr(request, '\n', length) || (length > 1 && request[1] == '\t'))
		return LGPQ_FRAMED;
	return LGPQ_BARE;
}

/* 1 when the mode is known, else as stream_fill. */
static ssize_t decide(struct session *session)
{
	struct lgpq_state *state = lgpq_state(session);
	ssize_t got = stream_fill(&session->stream);
	const char *request;
	size_t length;

	if (got <= 0)
		return got;
	request = stream_peek(&session->stream, &length);
	state->mode = mode_of(request, length);
	if (state->mode == LGPQ_BARE &&
		stream_wait_input(&session->stream, FIRST_REQUEST_GRACE_MS) > 0 &&
		stream_fill(&session->stream) > 0) {
		request = stream_peek(&session->stream, &length);
		state->mode = mode_of(request, length);
	}
	return 1;
}

/* Becomes the listener's account. 0, or -errno when the session is over: without an account nothing
 * is served. */
static int log_in(struct session *session)
{
	struct lgpq_state *state = lgpq_state(session);
	const char *name = session->listener->account;
	const char *words = "ERR denied nobody is served here at present\n";
	char id[SESSION_NAME];
	int error;

	if (name[0] == '\0')
		return 0;
	error = authenticate_listener(session, &state->account);
	if (error == 0)
		error = session_log_in_patiently(session, name, state->account->sessions_most);
	if (error == 0)
		return 0;
	session_count(
		session, error == -EUSERS ? COUNT_logins_refused_sessions : COUNT_logins_failed, 1);
	log_warning("lgpq: not the listener's account",
		"session=%s listener=%s account=%s error=\"%s\"", session_name(session, id),
		session->listener->name, name,
		error == -EACCES   ? "refused; the authenticator said why"
		: error == -EUSERS ? "it has all the sessions it may have"
		: error == -ENOKEY ? "it is served by TLS alone, which the listener does not speak"
				   : strerror(-error));
	if (error == -EUSERS)
		words = "ERR busy too many sessions of this account; try again later\n";
	else if (error != -EACCES && error != -ENOKEY)
		words = "ERR busy nobody can be served at present; try again later\n";
	if (error != -ECONNRESET)
		(void)stream_write(&session->stream, words, strlen(words), false);
	return error;
}

static enum session_next serve(struct session *session)
{
	struct lgpq_state *state = lgpq_state(session);

	if (state->mode == LGPQ_UNDECIDED) {
		ssize_t decided = decide(session);

		if (decided <= 0)
			return decided == -EAGAIN ? SESSION_PARK : SESSION_CLOSE;
		if (log_in(session) < 0)
			return SESSION_CLOSE;
	}
	return state->mode == LGPQ_BARE ? bare_serve(session) : framed_serve(session);
}

static void close_session(struct session *session)
{
	account_release(session->engine->account_roots, lgpq_state(session)->account);
	lgpq_state(session)->account = NULL;
}

/* Before a first request nobody knows the mode: an ERR line, which the old client prints as it is.
 * A session that idles out or a server that stops says nothing, as the old server. */
static size_t farewell(enum session_end why, char *text, size_t size)
{
	static const char *const words[] = {
		[END_BANNED] = "ERR denied your address is banned\n",
		[END_SERVER_FULL] = "ERR busy the server is full; try again later\n",
		[END_ADDRESS_FULL] = "ERR busy too many sessions from your address\n",
		[END_NO_DESCRIPTOR] =
			"ERR busy the server is out of descriptors; try again later\n",
	};

	if (why == END_IDLE || why == END_STOPPING || why == END_REPLACED || why == END_KICKED)
		return 0;
	return (size_t)snprintf(text, size, "%s", words[why]);
}

const struct protocol lgpq_protocol = {
	.name = PROTOCOL_LGPQ, .serve = serve, .close = close_session, .farewell = farewell};
