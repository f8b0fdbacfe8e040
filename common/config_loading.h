/* A config while it is being put together, from defaults, a file and a command line. Private to the
 * config rooms. */
#ifndef FTPOOL_COMMON_CONFIG_LOADING_H
#define FTPOOL_COMMON_CONFIG_LOADING_H

#include "common/config_table.h"

struct loading {
	struct config *config;
	struct complaints *complaints;
	bool incomplete; /* the file could not be read whole: what is missing may stand in it */
};

/* An empty config that came from `file`, NULL when memory is short. */
struct config *loading_new_config(const char *file);

/* A section with a title: whose it is, and where its values go; target NULL: the config as a whole.
 */
struct loading_item {
	void *target;
	const char *title;
};

extern const struct loading_item loading_whole;

/* Sets the target's options to their defaults: those of that section, or for SECTION_TOP the
 * config's own. */
void loading_set_defaults(struct loading *loading, void *target, enum config_section section);

/* target NULL: there is none of that title. */
struct loading_item loading_find_item(
	const struct config *config, enum config_section section, const char *title);

/* The one at that place among its likes; target NULL: there are no more. */
struct loading_item loading_item_at(
	const struct config *config, enum config_section section, size_t index);

/* Adds one; complains if it cannot. */
void loading_add_item(struct loading *loading, enum config_section section, const char *title);

/* Sets an option from its text and remembers where it stands; complains if the text is no good. */
void loading_set_option(struct loading *loading, const struct config_option *option,
	struct loading_item item, const char *text, struct origin origin);

/* Remembers where an option stands; `faulty` if its value was refused. */
void loading_note_origin(struct loading *loading, const struct config_option *option,
	struct loading_item item, struct origin origin, bool faulty);

/* Obeys one -o: "OPTION=VALUE". */
void loading_take_setting(struct loading *loading, const char *setting);

void loading_complain_memory(struct loading *loading);

#endif
