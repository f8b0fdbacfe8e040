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

/* Sets the target's options to their defaults: the config's own, or (listener) those of a listener.
 */
void loading_set_defaults(struct loading *loading, void *target, bool listener);

struct config_listener *loading_find_listener(const struct config *config, const char *name);

/* NULL after complaining. */
struct config_listener *loading_add_listener(struct loading *loading, const char *name);

/* Sets an option from its text and remembers where it stands; complains if the text is no good. */
void loading_set_option(struct loading *loading, const struct config_option *option,
	struct config_listener *listener, const char *text, struct origin origin);

/* Remembers where an option stands; `faulty` if its value was refused. */
void loading_note_origin(struct loading *loading, const struct config_option *option,
	const struct config_listener *listener, struct origin origin, bool faulty);

/* Obeys one -o: "OPTION=VALUE". */
void loading_take_setting(struct loading *loading, const char *setting);

void loading_complain_memory(struct loading *loading);

#endif
