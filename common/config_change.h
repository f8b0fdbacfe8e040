/* What a new config changes of an old one, and what that takes: a config never changes under a
 * running worker but for what it looks up each time it needs it. */
#ifndef FTPOOL_COMMON_CONFIG_CHANGE_H
#define FTPOOL_COMMON_CONFIG_CHANGE_H

#include "common/config.h"

enum config_effect {
	CONFIG_AT_ONCE, /* running workers take it (CHANNEL_CONFIG) */
	CONFIG_WORKERS, /* new workers */
	CONFIG_RESTART, /* it holds from the next start of the service on */
};

/* One option that differs; or a listener, directory or mount that is new or gone. */
struct config_change {
	char option[300]; /* "limits.sessions", "listener.ftp.port" or "listener.ftp" */
	char *old, *new;  /* as config_value_set reads it */
	bool item;        /* is new, with an empty `old`, or gone, with an empty `new` */
	enum config_effect effect;
};

struct config_changes {
	struct config_change *list;
	size_t count;
};

/* Compares two configs that were checked. 0 or -ENOMEM. */
int config_changes_find(
	struct config_changes *changes, const struct config *old, const struct config *new);
void config_changes_free(struct config_changes *changes);

/* Is there a change of that effect? */
bool config_changes_have(const struct config_changes *changes, enum config_effect effect);

#endif
