#include "worker/lgpq/lgpq.h"

#include "worker/lgpq/bare.h"
#include "worker/lgpq/framed.h"
#include "worker/lgpq/state.h"

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

static enum session_next serve(struct session *session)
{
	struct lgpq_state *state = lgpq_state(session);

	if (state->mode == LGPQ_UNDECIDED) {
		ssize_t decided = decide(session);

		if (decided <= 0)
			return decided == -EAGAIN ? SESSION_PARK : SESSION_CLOSE;
	}
	return state->mode == LGPQ_BARE ? bare_serve(session) : framed_serve(session);
}

/* Before a first request nobody knows the mode: an ERR line, which the old client prints as it is.
 * A session that idles out or a server that stops says nothing, as the old server. */
static size_t farewell(enum session_end why, char *text, size_t size)
{
	static const char *const words[] = {
		[END_SERVER_FULL] = "ERR busy the server is full; try again later\n",
		[END_ADDRESS_FULL] = "ERR busy too many sessions from your address\n",
		[END_NO_DESCRIPTOR] =
			"ERR busy the server is out of descriptors; try again later\n",
	};

	if (why == END_IDLE || why == END_STOPPING)
		return 0;
	return (size_t)snprintf(text, size, "%s", words[why]);
}

const struct protocol lgpq_protocol = {.name = PROTOCOL_LGPQ, .serve = serve, .farewell = farewell};
