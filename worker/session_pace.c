#include "worker/session_pace.h"

#include "common/clock.h"
#include "common/log.h"
#include "worker/session_activity.h"

#include <string.h>

enum { NS_A_MS = 1000000, SECOND_NS = 1000000000 };

/* The time that one command has. */
static int64_t time_ns(const struct session *session)
{
	return SECOND_NS / session->engine->config->max_commands_per_second;
}

static void tell(struct session *session)
{
	char name[SESSION_NAME], peer[ADDRESS_TEXT], user[LOG_QUOTED];

	engine_count(session->engine, COUNT_requests_delayed, 1);
	if (session->paced)
		return;
	session->paced = true;
	log_info("session: slowed down", "session=%s peer=%s user=%s limit=commands_per_second",
		session_name(session, name), address_format_host(&session->activity.peer, peer),
		log_quote(user, session->activity.user, strlen(session->activity.user)));
}

bool session_pace_is_over(struct session *session)
{
	int64_t early_ns;

	if (session->engine->config->max_commands_per_second == 0)
		return false;
	early_ns = session->paced_ns - clock_ns() - (SECOND_NS - time_ns(session));
	if (early_ns <= 0)
		return false;
	tell(session);
	atomic_store(&session->resume_ms, clock_ms() + early_ns / NS_A_MS + 1);
	return true;
}

void session_pace_spend(struct session *session)
{
	int64_t now;

	if (session->engine->config->max_commands_per_second == 0)
		return;
	now = clock_ns();
	session->paced_ns = (session->paced_ns > now ? session->paced_ns : now) + time_ns(session);
}
