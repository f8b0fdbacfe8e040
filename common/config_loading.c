#include "common/config_loading.h"

#include "common/config_origin.h"

#include <stdlib.h>
#include <string.h>

void loading_complain_memory(struct loading *loading)
{
	complain(loading->complaints, (struct origin){loading->config->file, 0}, "out of memory");
}

void loading_set_defaults(struct loading *loading, void *target, bool listener)
{
	for (size_t i = 0; i < config_option_count; i++) {
		const struct config_option *option = &config_options[i];

		if ((option->section == SECTION_LISTENER) == listener)
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

struct config_listener *loading_find_listener(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->listener_count; i++) {
		if (!strcmp(config->listeners[i].name, name))
			return &config->listeners[i];
	}
	return NULL;
}

struct config_listener *loading_add_listener(struct loading *loading, const char *name)
{
	struct config *config = loading->config;
	struct config_listener *grown =
		reallocarray(config->listeners, config->listener_count + 1, sizeof(*grown));
	char *copy = strdup(name);

	if (grown)
		config->listeners = grown;
	if (!grown || !copy) {
		free(copy);
		loading_complain_memory(loading);
		return NULL;
	}

	struct config_listener *listener = &grown[config->listener_count++];

	*listener = (struct config_listener){
		.name = copy,
	};
	loading_set_defaults(loading, listener, true);
	return listener;
}

static void free_values(void *target, bool listener)
{
	for (size_t i = 0; i < config_option_count; i++) {
		if ((config_options[i].section == SECTION_LISTENER) == listener)
			config_value_free(&config_options[i], target);
	}
}

void config_free(struct config *config)
{
	if (!config)
		return;
	for (size_t i = 0; i < config->listener_count; i++) {
		free(config->listeners[i].name);
		free_values(&config->listeners[i], true);
	}
	free(config->listeners);
	free(config->file);
	free_values(config, false);
	config_origins_free(config->origins);
	free(config);
}

void loading_note_origin(struct loading *loading, const struct config_option *option,
	const struct config_listener *listener, struct origin origin, bool faulty)
{
	if (config_origins_add(loading->config->origins, option, listener ? listener->name : NULL,
		    origin, faulty) < 0)
		loading_complain_memory(loading);
}

void loading_set_option(struct loading *loading, const struct config_option *option,
	struct config_listener *listener, const char *text, struct origin origin)
{
	void *target = listener ? (void *)listener : loading->config;
	bool fine = config_value_set(option, target, text, origin, loading->complaints);

	loading_note_origin(loading, option, listener, origin, !fine);
}
