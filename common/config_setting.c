#include "common/config_loading.h"

#include <stdlib.h>
#include <string.h>

/* A listener is made in the config alone: one made here would be a slip of the pen as often as not,
 * and stand open to the world. */
static void complain_no_listener(
	const struct loading *loading, const char *name, struct origin origin)
{
	const struct config *config = loading->config;
	char there[200] = "";
	size_t length = 0;

	if (loading->incomplete)
		return;
	for (size_t i = 0; i < config->listener_count && length < sizeof(there); i++)
		length += (size_t)snprintf(there + length, sizeof(there) - length, "%s%s",
			i > 0 ? ", " : "", config->listeners[i].name);
	complain(loading->complaints, origin, "there is no listener \"%s\"; there are: %s", name,
		length > 0 ? there : "none");
}

static void set_listener_option(
	struct loading *loading, char *path, const char *value, struct origin origin)
{
	char *dot = strrchr(path, '.');
	const struct config_option *option =
		dot && dot != path ? config_option_find(SECTION_LISTENER, dot + 1) : NULL;
	struct config_listener *listener;

	if (!option) {
		complain(loading->complaints, origin,
			"there is no such option; listener.NAME.OPTION=VALUE is right");
		return;
	}
	*dot = '\0';
	listener = loading_find_listener(loading->config, path);
	if (listener)
		loading_set_option(loading, option, listener, value, origin);
	else
		complain_no_listener(loading, path, origin);
}

/* `what` is an option or a section. */
static void complain_unknown(const struct loading *loading, const char *what, const char *name,
	const char *nearest, struct origin origin)
{
	complain(loading->complaints, origin, "there is no %s \"%s\"%s%s%s; %s", what, name,
		nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "",
		"ftpool.conf(5) lists all there are");
}

static void set_section_option(struct loading *loading, enum config_section section,
	const char *name, const char *value, struct origin origin)
{
	const struct config_option *option = config_option_find(section, name);

	if (option)
		loading_set_option(loading, option, NULL, value, origin);
	else if (section == SECTION_TOP && config_section_find(name) < SECTION_COUNT)
		complain(loading->complaints, origin,
			"%s is a section; -o %s.OPTION=VALUE is right", name, name);
	else
		complain_unknown(
			loading, "option", name, config_option_nearest(section, name), origin);
}

static void set_plain_option(
	struct loading *loading, char *path, const char *value, struct origin origin)
{
	char *dot = strchr(path, '.');
	enum config_section section = SECTION_TOP;
	const char *nearest;

	if (dot) {
		*dot = '\0';
		section = config_section_find(path);
	}
	if (section < SECTION_COUNT) {
		set_section_option(loading, section, dot ? dot + 1 : path, value, origin);
		return;
	}
	nearest = config_option_nearest(SECTION_TOP, path);
	if (nearest && config_section_find(nearest) == SECTION_COUNT)
		nearest = NULL;
	complain_unknown(loading, "section", path, nearest, origin);
}

void loading_take_setting(struct loading *loading, const char *setting)
{
	char where[200];
	struct origin origin = {where, 0};
	char *path = strdup(setting);
	char *equals = path ? strchr(path, '=') : NULL;

	snprintf(where, sizeof(where), "-o %s", setting);
	if (!path) {
		loading_complain_memory(loading);
	} else if (!equals) {
		complain(loading->complaints, origin, "has no value; OPTION=VALUE is right");
	} else {
		*equals = '\0';
		if (!strncmp(path, "listener.", 9))
			set_listener_option(loading, path + 9, equals + 1, origin);
		else
			set_plain_option(loading, path, equals + 1, origin);
	}
	free(path);
}
