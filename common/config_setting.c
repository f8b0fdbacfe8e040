#include "common/config_loading.h"

#include <stdlib.h>
#include <string.h>

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
	if (!listener)
		listener = loading_add_listener(loading, path);
	if (listener)
		loading_set_option(loading, option, listener, value, origin);
}

static void set_plain_option(
	struct loading *loading, char *path, const char *value, struct origin origin)
{
	char *dot = strchr(path, '.');
	enum config_section section = SECTION_TOP;
	const char *name = path, *nearest;
	const struct config_option *option;

	if (dot) {
		*dot = '\0';
		section = config_section_find(path);
		name = dot + 1;
	}
	option = section < SECTION_COUNT ? config_option_find(section, name) : NULL;
	if (option) {
		loading_set_option(loading, option, NULL, value, origin);
		return;
	}
	if (!dot && config_section_find(name) < SECTION_COUNT) {
		complain(loading->complaints, origin,
			"%s is a section; -o %s.OPTION=VALUE is right", name, name);
		return;
	}
	nearest = section < SECTION_COUNT ? config_option_nearest(section, name) : NULL;
	complain(loading->complaints, origin, "there is no option \"%s\"%s%s%s; %s", name,
		nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "",
		"ftpool.conf(5) lists all there are");
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
