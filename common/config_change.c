#include "common/config_change.h"

#include "common/config_loading.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Everything else is built into a worker or the authenticator. */
static const struct {
	enum config_section section;
	const char *name;
	enum config_effect effect;
} effects[] = {
	{SECTION_TOP, "idle_timeout", CONFIG_AT_ONCE},
	{SECTION_TOP, "transfer_timeout", CONFIG_AT_ONCE},
	{SECTION_TOP, "worker_timeout", CONFIG_AT_ONCE},
	{SECTION_TOP, "stop_timeout", CONFIG_AT_ONCE},
	{SECTION_TOP, "worker_max_age", CONFIG_AT_ONCE},
	{SECTION_TOP, "worker_max_sessions", CONFIG_AT_ONCE},
	{SECTION_TOP, "worker_max_memory", CONFIG_AT_ONCE},
	{SECTION_TOP, "drain_timeout", CONFIG_AT_ONCE},
	{SECTION_TOP, "upgrade_timeout", CONFIG_AT_ONCE},
	{SECTION_TOP, "sync", CONFIG_AT_ONCE},
	{SECTION_TOP, "state_directory", CONFIG_RESTART},
	{SECTION_TOP, "events_keep", CONFIG_AT_ONCE},
	{SECTION_TOP, "events_size", CONFIG_AT_ONCE},
	{SECTION_TOP, "on_upload_timeout", CONFIG_AT_ONCE},
	{SECTION_FTP, "greeting", CONFIG_AT_ONCE},
	{SECTION_FTP, "login_timeout", CONFIG_AT_ONCE},
	{SECTION_FTP, "data_timeout", CONFIG_AT_ONCE},
	{SECTION_LIMITS, "sessions", CONFIG_AT_ONCE},
	{SECTION_LIMITS, "sessions_per_address", CONFIG_AT_ONCE},
	{SECTION_LIMITS, "sessions_per_user", CONFIG_AT_ONCE},
	{SECTION_LIMITS, "logins_per_session", CONFIG_AT_ONCE},
	{SECTION_LIMITS, "commands_per_second", CONFIG_AT_ONCE},
	{SECTION_RATES, "total_download", CONFIG_AT_ONCE},
	{SECTION_RATES, "total_upload", CONFIG_AT_ONCE},
	{SECTION_BAN, "failures", CONFIG_AT_ONCE},
	{SECTION_BAN, "within", CONFIG_AT_ONCE},
	{SECTION_BAN, "time", CONFIG_AT_ONCE},
	{SECTION_BAN, "exempt", CONFIG_AT_ONCE},
	{SECTION_LOG, "file", CONFIG_AT_ONCE},
	{SECTION_LOG, "level", CONFIG_AT_ONCE},
	{SECTION_STATUS, "metrics_port", CONFIG_AT_ONCE},
	{SECTION_STATUS, "metrics_address", CONFIG_AT_ONCE},
	{SECTION_STATUS, "path", CONFIG_RESTART},
	{SECTION_STATUS, "group", CONFIG_RESTART},
	{SECTION_STATUS, "mode", CONFIG_RESTART},
};

static enum config_effect effect_of(const struct config_option *option)
{
	for (size_t i = 0; i < sizeof(effects) / sizeof(effects[0]); i++) {
		if (effects[i].section == option->section &&
			strcmp(effects[i].name, option->name) == 0)
			return effects[i].effect;
	}
	return CONFIG_WORKERS;
}

static char *value_of(const struct config_option *option, const void *target)
{
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return NULL;
	config_value_write(out, option, target);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* Takes the texts over. */
static int add(struct config_changes *changes, struct config_change change, char *old, char *new)
{
	struct config_change *grown =
		old && new ? reallocarray(changes->list, changes->count + 1, sizeof(*grown)) : NULL;

	if (!grown) {
		free(old);
		free(new);
		return -ENOMEM;
	}
	change.old = old;
	change.new = new;
	grown[changes->count++] = change;
	changes->list = grown;
	return 0;
}

static int compare(struct config_changes *changes, const struct config_option *option,
	const char *title, const void *old_target, const void *new_target)
{
	struct config_change change = {.effect = effect_of(option)};
	const char *section = config_section_names[option->section];
	char *old = value_of(option, old_target), *new = value_of(option, new_target);

	if (old && new &&strcmp(old, new) == 0) {
		free(old);
		free(new);
		return 0;
	}
	snprintf(change.option, sizeof(change.option), "%s%s%s%s%s", section, section[0] ? "." : "",
		title, title[0] ? "." : "", option->name);
	return add(changes, change, old, new);
}

static int compare_all(struct config_changes *changes, enum config_section section,
	const char *title, const void *old_target, const void *new_target)
{
	int error = 0;

	for (size_t i = 0; i < config_option_count && error == 0; i++) {
		if (config_options[i].section == section)
			error = compare(changes, &config_options[i], title, old_target, new_target);
	}
	return error;
}

/* A listener is told of by its address. */
static int add_item(struct config_changes *changes, enum config_section section,
	struct loading_item item, bool is_new)
{
	struct config_change change = {.effect = CONFIG_WORKERS};
	char text[ADDRESS_TEXT] = "there";

	if (section == SECTION_LISTENER)
		address_format(&((struct config_listener *)item.target)->address, text);
	snprintf(change.option, sizeof(change.option), "%s.%s", config_section_names[section],
		item.title);
	change.item = true;
	return add(changes, change, strdup(is_new ? "" : text), strdup(is_new ? text : ""));
}

static int compare_items(struct config_changes *changes, enum config_section section,
	const struct config *old, const struct config *new)
{
	struct loading_item item, other;
	int error = 0;

	for (size_t i = 0; error == 0 && (item = loading_item_at(new, section, i)).target; i++) {
		other = loading_find_item(old, section, item.title);
		error = other.target ? compare_all(changes, section, item.title, other.target,
					       item.target)
				     : add_item(changes, section, item, true);
	}
	for (size_t i = 0; error == 0 && (item = loading_item_at(old, section, i)).target; i++) {
		if (!loading_find_item(new, section, item.title).target)
			error = add_item(changes, section, item, false);
	}
	return error;
}

/* The listeners' places count, too: the board and the authenticator name them by their number. */
static bool same_order(const struct config *old, const struct config *new)
{
	if (old->listener_count != new->listener_count)
		return false;
	for (size_t i = 0; i < old->listener_count; i++) {
		if (strcmp(old->listeners[i].name, new->listeners[i].name) != 0)
			return false;
	}
	return true;
}

static int compare_order(
	struct config_changes *changes, const struct config *old, const struct config *new)
{
	struct config_change change = {.option = "listener", .effect = CONFIG_WORKERS};

	if (same_order(old, new) || config_changes_have(changes, CONFIG_WORKERS))
		return 0;
	return add(changes, change, strdup("one order"), strdup("another order"));
}

int config_changes_find(
	struct config_changes *changes, const struct config *old, const struct config *new)
{
	int error = 0;

	*changes = (struct config_changes){0};
	for (int i = 0; i < SECTION_COUNT && error == 0; i++) {
		enum config_section section = (enum config_section)i;

		error = config_section_is_titled(section)
				? compare_items(changes, section, old, new)
				: compare_all(changes, section, "", old, new);
	}
	if (error == 0)
		error = compare_order(changes, old, new);
	if (error < 0)
		config_changes_free(changes);
	return error;
}

void config_changes_free(struct config_changes *changes)
{
	for (size_t i = 0; i < changes->count; i++) {
		free(changes->list[i].old);
		free(changes->list[i].new);
	}
	free(changes->list);
	*changes = (struct config_changes){0};
}

bool config_changes_have(const struct config_changes *changes, enum config_effect effect)
{
	for (size_t i = 0; i < changes->count; i++) {
		if (changes->list[i].effect == effect)
			return true;
	}
	return false;
}
