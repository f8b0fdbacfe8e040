#include "common/config_origin.h"
#include "common/config_table.h"
#include "common/user.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

bool config_asks(const struct config *config, const char *word)
{
	for (size_t i = 0; i < config->auth.count; i++) {
		if (strcmp(config->auth.items[i], word) == 0)
			return true;
	}
	return false;
}

bool config_has_accounts(const struct config *config)
{
	return (config_asks(config, "file") && config->users[0] != '\0') ||
	       config_asks(config, "pam");
}

static void check_auth(const struct config *config, struct complaints *complaints)
{
	struct origin origin = config_origin(config, "", NULL, "auth");

	for (size_t i = 0; i < config->auth.count; i++) {
		const char *item = config->auth.items[i];

		if (strcmp(item, "file") != 0 && strcmp(item, "pam") != 0)
			complain(complaints, origin,
				"auth: \"%s\" is no choice; any of these is right: file pam", item);
		for (size_t j = 0; j < i; j++) {
			if (strcmp(item, config->auth.items[j]) == 0)
				complain(complaints, origin,
					"auth: \"%s\" stands there twice; keep one of them", item);
		}
	}
}

static void check_account_roots(const struct config *config, struct complaints *complaints)
{
	struct origin origin = config_origin(config, "", NULL, "account_roots");
	struct stat status;

	for (size_t i = 0; i < config->account_roots.count; i++) {
		const char *root = config->account_roots.items[i];

		if (root[0] != '/')
			complain(complaints, origin,
				"account_roots: \"%s\" is not absolute; write it from / on", root);
		else if (stat(root, &status) < 0)
			complain(complaints, origin,
				"account_roots: \"%s\": %s; create it or leave it out", root,
				strerror(errno));
		else if (!S_ISDIR(status.st_mode))
			complain(complaints, origin,
				"account_roots: \"%s\" is no directory; name one", root);
	}
}

static void check_listener(const struct config *config, const struct config_listener *listener,
	struct complaints *complaints)
{
	struct origin origin = config_origin(config, "listener", listener->name, "account");

	if (listener->account[0] == '\0')
		return;
	if (listener->protocol != PROTOCOL_LGPQ)
		complain(complaints, origin,
			"account belongs to protocol = lgpq; listener %s speaks %s, whose clients "
			"%s",
			listener->name, config_protocol_name(listener->protocol),
			listener->protocol == PROTOCOL_FTP ? "log in" : "need none");
	else if (!user_name_is_sound(listener->account))
		complain(complaints, origin, "account = \"%s\" can be no account's name",
			listener->account);
	else if (!config_asks(config, "file") || config->users[0] == '\0')
		complain(complaints, origin,
			"account = \"%s\" needs a users file to know it from; set users",
			listener->account);
}

static void fill_anonymous_bandwidth(struct config *config)
{
	struct bandwidth *own = &config->anonymous_bandwidth;

	for (int way = 0; way < BANDWIDTH_WAYS; way++) {
		if (own->session[way] == 0)
			own->session[way] = BANDWIDTH_UNSAID;
		if (own->user[way] == 0)
			own->user[way] = BANDWIDTH_UNSAID;
	}
	bandwidth_fill(own, &config->bandwidth);
}

void config_check_accounts(struct config *config, struct complaints *complaints)
{
	check_auth(config, complaints);
	check_account_roots(config, complaints);
	fill_anonymous_bandwidth(config);
	for (size_t i = 0; i < config->listener_count; i++)
		check_listener(config, &config->listeners[i], complaints);
}
