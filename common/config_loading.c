#include "common/config_loading.h"

#include "common/config_origin.h"

#include <stdlib.h>
#include <string.h>

void loading_complain_memory(struct loading *loading)
{
	complain(loading->complaints, (struct origin){loading->config->file, 0}, "out of memory");
}

const struct loading_item loading_whole = {0};

/* Does an option of the one section go into the struct of the other? */
static bool is_in(enum config_section section, enum config_section item)
{
	return item == SECTION_TOP ? !config_section_is_titled(section) : section == item;
}

void loading_set_defaults(struct loading *loading, void *target, enum config_section section)
{
	for (size_t i = 0; i < config_option_count; i++) {
		const struct config_option *option = &config_options[i];

		if (is_in(option->section, section))
			config_value_set(option, target, option->standard,
				(struct origin){"default", 0}, loading->complaints);
	}
}

struct config *loading_new_config(const char *file)
{
	struct config *config = calloc(1, sizeof(*config));

	if (!config)
		return NULL;
	config->origins = config_origins_new();
	config->file = strdup(file);
	if (!config->origins || !config->file) {
		config_free(config);
		return NULL;
	}
	return config;
}

struct loading_item loading_find_item(
	const struct config *config, enum config_section section, const char *title)
{
	for (size_t i = 0; section == SECTION_LISTENER && i < config->listener_count; i++) {
		if (!strcmp(config->listeners[i].name, title))
			return (struct loading_item){
				&config->listeners[i], config->listeners[i].name};
	}
	for (size_t i = 0; section != SECTION_LISTENER && i < config->zone_count; i++) {
		struct config_zone *zone = &config->zones[i];

		if (zone->mount == (section == SECTION_MOUNT) && !strcmp(zone->path, title))
			return (struct loading_item){zone, zone->path};
	}
	return (struct loading_item){0};
}

static void *add_listener(struct config *config, char *title)
{
	struct config_listener *grown =
		reallocarray(config->listeners, config->listener_count + 1, sizeof(*grown));

	if (!grown)
		return NULL;
	config->listeners = grown;
	grown += config->listener_count++;
	*grown = (struct config_listener){.name = title};
	return grown;
}

struct loading_item loading_item_at(
	const struct config *config, enum config_section section, size_t index)
{
	if (section == SECTION_LISTENER && index < config->listener_count)
		return (struct loading_item){
			&config->listeners[index], config->listeners[index].name};
	for (size_t i = 0; section != SECTION_LISTENER && i < config->zone_count; i++) {
		struct config_zone *zone = &config->zones[i];

		if (zone->mount == (section == SECTION_MOUNT) && index-- == 0)
			return (struct loading_item){zone, zone->path};
	}
	return (struct loading_item){0};
}

static void *add_zone(struct config *config, char *title, bool mount)
{
	struct config_zone *grown =
		reallocarray(config->zones, config->zone_count + 1, sizeof(*grown));

	if (!grown)
		return NULL;
	config->zones = grown;
	grown += config->zone_count++;
	*grown = (struct config_zone){.path = title, .mount = mount};
	return grown;
}

void loading_add_item(struct loading *loading, enum config_section section, const char *title)
{
	struct config *config = loading->config;
	char *copy = strdup(title);
	void *added = NULL;

	if (copy)
		added = section == SECTION_LISTENER
				? add_listener(config, copy)
				: add_zone(config, copy, section == SECTION_MOUNT);
	if (added) {
		loading_set_defaults(loading, added, section);
		return;
	}
	free(copy);
	loading_complain_memory(loading);
}

static void free_values(void *target, enum config_section section)
{
	for (size_t i = 0; i < config_option_count; i++) {
		if (is_in(config_options[i].section, section))
			config_value_free(&config_options[i], target);
	}
}

static void free_zones(struct config *config)
{
	for (size_t i = 0; i < config->zone_count; i++) {
		struct config_zone *zone = &config->zones[i];

		free(zone->path);
		free_values(zone, zone->mount ? SECTION_MOUNT : SECTION_DIRECTORY);
	}
	free(config->zones);
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < config->listener_count; i++) {
		free(config->listeners[i].name);
		free_values(&config->listeners[i], SECTION_LISTENER);
	}
	free(config->listeners);
	free_zones(config);
	free(config->file);
	free_values(config, SECTION_TOP);
	config_origins_free(config->origins);
	free(config);
}

void loading_note_origin(struct loading *loading, const struct config_option *option,
	struct loading_item item, struct origin origin, bool faulty)
{
	if (config_origins_add(loading->config->origins, option, item.title, origin, faulty) < 0)
		loading_complain_memory(loading);
}

void loading_set_option(struct loading *loading, const struct config_option *option,
	struct loading_item item, const char *text, struct origin origin)
{
	void *target = item.target ? item.target : loading->config;
	bool fine = config_value_set(option, target, text, origin, loading->complaints);

	loading_note_origin(loading, option, item, origin, !fine);
}
