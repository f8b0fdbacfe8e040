#include "common/config_origin.h"
#include "common/config_table.h"
#include "common/rights_at.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static const char *section_of(const struct config_zone *zone)
{
	return config_section_names[zone->mount ? SECTION_MOUNT : SECTION_DIRECTORY];
}

/* No option of it may have been written: then the file as a whole is where it stands. */
static struct origin origin_of(
	const struct config *config, const struct config_zone *zone, const char *option)
{
	return config_origin(config, section_of(zone), zone->path, option);
}

static void check_path(
	const struct config *config, const struct config_zone *zone, struct complaints *complaints)
{
	if (!rights_at_path_is_sound(zone->path))
		complain(complaints, origin_of(config, zone, zone->mount ? "from" : "may"),
			"%s \"%s\" is no path of a directory below the root; one such as /incoming "
			"is right",
			section_of(zone), zone->path);
}

static void check_from(
	const struct config *config, const struct config_zone *zone, struct complaints *complaints)
{
	struct origin origin = origin_of(config, zone, "from");
	struct stat status;

	if (!zone->mount || config_is_faulty(config, section_of(zone), zone->path, "from"))
		return;
	if (zone->from[0] == '\0')
		complain(complaints, origin,
			"mount \"%s\" needs what is to be served there; add for example: from = "
			"\"/srv/pub\"",
			zone->path);
	else if (stat(zone->from, &status) < 0)
		complain(complaints, origin, "from = \"%s\": %s; create it or name another one",
			zone->from, strerror(errno));
	else if (!S_ISDIR(status.st_mode))
		complain(complaints, origin, "from = \"%s\" is no directory; name one", zone->from);
}

void config_check_zones(const struct config *config, struct complaints *complaints)
{
	for (size_t i = 0; i < config->zone_count; i++) {
		check_path(config, &config->zones[i], complaints);
		check_from(config, &config->zones[i], complaints);
	}
}
