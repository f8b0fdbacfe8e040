#include "worker/guard.h"

#include "common/bans.h"
#include "common/channel.h"
#include "common/clock.h"
#include "common/digest.h"
#include "common/log.h"

#include <stdio.h>
#include <string.h>

enum { ATTEMPT_LETTERS = 4 };

/* "40 seconds", "15 minutes": never less than there is. */
static void write_time(char *text, size_t size, int64_t left_ms)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = {{86400, "days"}, {3600, "hours"}, {60, "minutes"}, {1, "seconds"}};
	int64_t left = left_ms > 0 ? (left_ms + 999) / 1000 : 1;
	size_t i = 0;

	while (units[i].seconds > 1 && left < 2 * units[i].seconds)
		i++;
	snprintf(text, size, "%lld %s",
		(long long)((left + units[i].seconds - 1) / units[i].seconds), units[i].name);
}

bool guard_is_banned(
	const struct engine *engine, const struct address *peer, char reason[GUARD_REASON])
{
	struct ban ban;
	char time[40];

	if (!engine->bans || !bans_find(engine->bans, peer, &ban) ||
		config_exempts(engine->config, peer))
		return false;
	if (ban.until_unix_ms == 0) {
		snprintf(reason, GUARD_REASON, "%s", ban.reason);
		return true;
	}
	write_time(time, sizeof(time), ban.until_unix_ms - clock_unix_ms());
	snprintf(reason, GUARD_REASON, "%s%stry again in %s", ban.reason, ban.reason[0] ? "; " : "",
		time);
	return true;
}

/* So few bits that who has them all learns nothing of a password, and enough that two attempts in
 * ten have the same ones once in some thousand times. */
static void write_attempt(const struct engine *engine, const char *user, const char *password,
	char attempt[ATTEMPT_LETTERS + 1])
{
	struct digest *digest = digest_new();
	char text[DIGEST_TEXT] = "0000";

	if (digest) {
		digest_add(digest, bans_key(engine->bans), BANS_KEY);
		digest_add(digest, user, strlen(user) + 1);
		digest_add(digest, password, strlen(password));
		digest_text(digest, text);
	}
	digest_free(digest);
	memcpy(attempt, text, ATTEMPT_LETTERS);
	attempt[ATTEMPT_LETTERS] = '\0';
	explicit_bzero(text, sizeof(text));
}

void guard_report(const struct engine *engine, const struct address *peer, const char *user,
	const char *password)
{
	struct address unscoped = *peer;
	char report[CHANNEL_TEXT], host[ADDRESS_TEXT], attempt[ATTEMPT_LETTERS + 1];
	int error;

	if (!engine->bans || engine->config->ban_failures == 0)
		return;
	unscoped.scope = 0;
	write_attempt(engine, user, password, attempt);
	snprintf(report, sizeof(report), "%s %s", address_format_host(&unscoped, host), attempt);
	error = channel_send(engine->channel, CHANNEL_LOGIN_FAILED, report, -1);
	if (error < 0)
		log_warning("guard: a failed login cannot be reported", "peer=%s error=\"%s\"",
			host, strerror(-error));
}
