#include "worker/session_pace.h"

#include "common/clock.h"
#include "common/log.h"
#include "worker/session_activity.h"

#include <string.h>

enum { NS_A_MS = 1000000, SECOND_NS = 1000000000 };

/* The time that one command has; 0 if any may come at any time. A reload may change it between two
 * looks. */
static int64_t time_ns(const struct session *session)
{
	uint32_t commands = session->engine->config->max_commands_per_second;

	return commands > 0 ? SECOND_NS / commands : 0;
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
	int64_t command_ns = time_ns(session), early_ns;

	if (command_ns == 0)
		return false;
	early_ns = session->paced_ns - clock_ns() - (SECOND_NS - command_ns);
	if (early_ns <= 0)
		return false;
	tell(session);
	atomic_store(&session->resume_ms, clock_ms() + early_ns / NS_A_MS + 1);
	return true;
}

void session_pace_spend(struct session *session)
{
	int64_t command_ns = time_ns(session), now;

	if (command_ns == 0)
		return;
	now = clock_ns();
	session->paced_ns = (session->paced_ns > now ? session->paced_ns : now) + command_ns;
}
