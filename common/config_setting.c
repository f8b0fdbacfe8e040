#include "common/config_loading.h"

#include <stdlib.h>
#include <string.h>

static const char *title_of(const struct config *config, enum config_section section, size_t i)
{
	if (section == SECTION_LISTENER)
		return i < config->listener_count ? config->listeners[i].name : NULL;
	return i < config->zone_count ? config->zones[i].path : NULL;
}

/* A listener, a directory or a mount is made in the config alone: one made here would be a slip of
 * the pen as often as not, and stand open to the world. */
static void complain_no_item(const struct loading *loading, enum config_section section,
	const char *title, struct origin origin)
{
	const char *name = config_section_names[section], *there;
	char all[200] = "";
	size_t length = 0;

	if (loading->incomplete)
		return;
	for (size_t i = 0; (there = title_of(loading->config, section, i)) != NULL; i++) {
		if (length < sizeof(all) &&
			loading_find_item(loading->config, section, there).target)
			length += (size_t)snprintf(all + length, sizeof(all) - length, "%s%s",
				length > 0 ? ", " : "", there);
	}
	complain(loading->complaints, origin, "there is no %s \"%s\"; there are: %s", name, title,
		length > 0 ? all : "none");
}

/* `path` is what stands behind "listener.": "NAME.OPTION". */
static void set_item_option(struct loading *loading, enum config_section section, char *path,
	const char *value, struct origin origin)
{
	char *dot = strrchr(path, '.');
	const struct config_option *option =
		dot && dot != path ? config_option_find(section, dot + 1) : NULL;
	struct loading_item item;

	if (!option) {
		complain(loading->complaints, origin,
			"there is no such option; %s.%s.OPTION=VALUE is right",
			config_section_names[section],
			section == SECTION_LISTENER ? "NAME" : "/PATH");
		return;
	}
	*dot = '\0';
	item = loading_find_item(loading->config, section, path);
	if (item.target)
		loading_set_option(loading, option, item, value, origin);
	else
		complain_no_item(loading, section, path, origin);
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
		loading_set_option(loading, option, loading_whole, value, origin);
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

static void set_option(struct loading *loading, char *path, const char *value, struct origin origin)
{
	for (int i = SECTION_LISTENER; i < SECTION_COUNT; i++) {
		size_t length = strlen(config_section_names[i]);

		if (config_section_is_titled((enum config_section)i) &&
			!strncmp(path, config_section_names[i], length) && path[length] == '.') {
			set_item_option(
				loading, (enum config_section)i, path + length + 1, value, origin);
			return;
		}
	}
	set_plain_option(loading, path, value, origin);
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
		set_option(loading, path, equals + 1, origin);
	}
	free(path);
}
