#include "worker/account_zones.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

int account_zones_open(const struct config *config, int **mounts)
{
	int *opened = calloc(config->zone_count + 1, sizeof(opened[0]));

	*mounts = opened;
	if (!opened)
		return -ENOMEM;
	for (size_t i = 0; i < config->zone_count; i++) {
		opened[i] = ZONE_NO_ROOT;
		if (!config->zones[i].mount)
			continue;
		opened[i] = open(config->zones[i].from, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (opened[i] < 0)
			return -errno;
	}
	return 0;
}

static bool is_for(const struct config_zone *zone, const char *account)
{
	for (size_t i = 0; i < zone->accounts.count; i++) {
		if (strcmp(zone->accounts.items[i], account) == 0)
			return true;
	}
	return zone->accounts.count == 0;
}

/* Mounts first: at the same place, what a directory says of it counts. */
static size_t add_config(struct zone_wish *wishes, const struct config *config, const int *mounts,
	const char *account)
{
	size_t count = 0;

	for (int mount = 1; mount >= 0; mount--) {
		for (size_t i = 0; i < config->zone_count; i++) {
			const struct config_zone *zone = &config->zones[i];

			if (zone->mount == mount && is_for(zone, account))
				wishes[count++] =
					(struct zone_wish){zone->path, zone->may, mounts[i]};
		}
	}
	return count;
}

static size_t count_of(const struct rights_at *own)
{
	size_t count = 0, offset = 0;
	const char *path;
	uint32_t may;

	while (own && rights_at_next(own, &offset, &path, &may))
		count++;
	return count;
}

int account_zones_make(struct zones **zones, const struct config *config, const int *mounts,
	const char *account, const struct rights_at *own)
{
	size_t most = config->zone_count + count_of(own), count, offset = 0;
	struct zone_wish *wishes;
	const char *path;
	uint32_t may;
	int error;

	*zones = NULL;
	if (most == 0)
		return 0;
	wishes = calloc(most, sizeof(wishes[0]));
	if (!wishes)
		return -ENOMEM;
	count = add_config(wishes, config, mounts, account);
	while (own && rights_at_next(own, &offset, &path, &may))
		wishes[count++] = (struct zone_wish){path, may, ZONE_NO_ROOT};
	error = zones_make(zones, wishes, count);
	free(wishes);
	return error;
}
