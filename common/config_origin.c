#include "common/config_origin.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct config_origin_entry {
	const struct config_option *option;
	char *title; /* of its section */
	char *file;
	unsigned int line;
	bool faulty; /* the value was refused */
};

struct config_origins {
	struct config_origin_entry *entries;
	size_t count;
};

struct config_origins *config_origins_new(void)
{
	return calloc(1, sizeof(struct config_origins));
}

int config_origins_add(struct config_origins *origins, const struct config_option *option,
	const char *title, struct origin origin, bool faulty)
{
	struct config_origin_entry *grown =
		reallocarray(origins->entries, origins->count + 1, sizeof(*grown));
	struct config_origin_entry entry = {
		option, title ? strdup(title) : NULL, strdup(origin.file), origin.line, faulty};

	if (grown)
		origins->entries = grown;
	if (!grown || !entry.file || (title && !entry.title)) {
		free(entry.title);
		free(entry.file);
		return -ENOMEM;
	}
	grown[origins->count++] = entry;
	return 0;
}

/* The last value written is the one in force. NULL: none was. */
static const struct config_origin_entry *find_origin(
	const struct config *config, const char *section, const char *title, const char *name)
{
	const struct config_origins *origins = config->origins;

	for (size_t i = origins->count; i-- > 0;) {
		const struct config_origin_entry *entry = &origins->entries[i];

		if (!strcmp(config_section_names[entry->option->section], section) &&
			!strcmp(entry->option->name, name) &&
			(!title || !strcmp(entry->title, title)))
			return entry;
	}
	return NULL;
}

struct origin config_origin(
	const struct config *config, const char *section, const char *title, const char *name)
{
	const struct config_origin_entry *entry = find_origin(config, section, title, name);

	return entry ? (struct origin){entry->file, entry->line} : (struct origin){config->file, 0};
}

bool config_is_faulty(
	const struct config *config, const char *section, const char *title, const char *name)
{
	const struct config_origin_entry *entry = find_origin(config, section, title, name);

	return entry && entry->faulty;
}

void config_origins_free(struct config_origins *origins)
{
	for (size_t i = 0; origins && i < origins->count; i++) {
		free(origins->entries[i].title);
		free(origins->entries[i].file);
	}
	if (origins)
		free(origins->entries);
	free(origins);
}
