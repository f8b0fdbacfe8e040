#include "supervisor/exposure.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Of what is not there yet, the directory it is to be in. */
static bool resolve(const char *path, char real[PATH_MAX])
{
	char copy[PATH_MAX];

	if (realpath(path, real))
		return true;
	if (errno != ENOENT || strlen(path) >= sizeof(copy))
		return false;
	strcpy(copy, path);
	return realpath(dirname(copy), real) != NULL;
}

static bool lies_below(const char *path, const char *root)
{
	char inner[PATH_MAX], outer[PATH_MAX];
	size_t length;

	if (root[0] == '\0' || !resolve(path, inner) || !realpath(root, outer))
		return false;
	length = strlen(outer);
	if (length == 1)
		return true; /* "/" */
	return strncmp(inner, outer, length) == 0 &&
	       (inner[length] == '/' || inner[length] == '\0');
}

/* The root from which it is served; NULL: from none. */
static const char *served_from(const struct config *config, const char *path)
{
	if (lies_below(path, config->root))
		return config->root;
	if (config->anonymous && lies_below(path, config->anonymous_root))
		return config->anonymous_root;
	for (size_t i = 0; i < config->zone_count; i++) {
		if (config->zones[i].mount && lies_below(path, config->zones[i].from))
			return config->zones[i].from;
	}
	return NULL;
}

static void check(const struct config *config, const char *section, const char *option,
	const char *path, struct complaints *complaints)
{
	const char *root = path[0] == '\0' ? NULL : served_from(config, path);

	if (root)
		complain(complaints, config_origin(config, section, NULL, option),
			"%s = \"%s\" lies below %s, which is served: clients could reach it; move "
			"it out of there",
			option, path, root);
}

void exposure_check(const struct config *config, struct complaints *complaints)
{
	bool apart = config->tls_keys.count > 0;
	const struct config_list *keys = apart ? &config->tls_keys : &config->tls_certificates;

	if (config_asks(config, "file"))
		check(config, "", "users", config->users, complaints);
	for (size_t i = 0; i < keys->count; i++)
		check(config, "tls", apart ? "key" : "certificate", keys->items[i], complaints);
	check(config, "", "state_directory", config->state_directory, complaints);
}
