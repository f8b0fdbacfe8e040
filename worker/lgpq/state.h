/* What an LGPQ session remembers between requests; lives in the session's protocol_bytes. */
#ifndef FTPOOL_WORKER_LGPQ_STATE_H
#define FTPOOL_WORKER_LGPQ_STATE_H

#include "worker/account.h"
#include "worker/session.h"
#include "worker/throttle.h"

enum lgpq_mode { LGPQ_UNDECIDED, LGPQ_BARE, LGPQ_FRAMED };

struct lgpq_state {
	struct account *account; /* the listener's, from the first request on; NULL: it has none */
	enum lgpq_mode mode;
	bool skipping_line; /* framed: the rest of a line that was too long */
};

static inline struct lgpq_state *lgpq_state(struct session *session)
{
	_Static_assert(sizeof(struct lgpq_state) <= SESSION_PROTOCOL_BYTES, "fits the session");
	return (struct lgpq_state *)session->protocol_bytes;
}

/* What is served there. */
static inline const struct store *lgpq_store(struct session *session)
{
	const struct account *account = lgpq_state(session)->account;

	return account ? &account->store : &session->engine->store;
}

/* As throttle_begin, with the listener's account, or what holds for everybody. */
static inline void lgpq_hold_back(
	struct session *session, struct throttle *throttle, enum bandwidth_way way)
{
	const struct account *account = lgpq_state(session)->account;

	throttle_begin(throttle, &session->stream, session, account ? account->name : NULL,
		account ? &account->bandwidth : &session->engine->config->bandwidth, way);
}

#endif
