/* Where each value of a config was written, so that a message about it can say so. Private to the
 * config rooms, but for config_origin, which is declared in config.h. */
#ifndef FTPOOL_COMMON_CONFIG_ORIGIN_H
#define FTPOOL_COMMON_CONFIG_ORIGIN_H

#include "common/config_table.h"

/* No origins yet; NULL when memory is short. */
struct config_origins *config_origins_new(void);
void config_origins_free(struct config_origins *origins);

/* Remembers the origin of a value; `faulty` if it was refused. 0 or -ENOMEM. */
int config_origins_add(struct config_origins *origins, const struct config_option *option,
	const char *title, struct origin origin, bool faulty);

/* Was a value for the option written, and refused? Then what it means is not looked at. */
bool config_is_faulty(
	const struct config *config, const char *section, const char *title, const char *name);

#endif
