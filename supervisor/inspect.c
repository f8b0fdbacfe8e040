#include "supervisor/inspect.h"

#include "common/log.h"
#include "common/rights.h"
#include "supervisor/advice.h"
#include "supervisor/exposure.h"
#include "supervisor/state.h"
#include "supervisor/users_probe.h"
#include "worker/root_probe.h"

#include <string.h>

/* A root as the service's user sees it. */
static void check_root(const struct config *config, const char *section, const char *root,
	bool for_puts, struct complaints *complaints)
{
	struct origin origin = config_origin(config, section, NULL, "root");
	bool writable = false;
	int error = root_probe(config, root, &writable);

	if (error < 0)
		complain(complaints, origin,
			"root = \"%s\" cannot be read by uid %u, who serves it: %s; let that user "
			"in "
			"(chown, chmod, setfacl) or set user",
			root, (unsigned int)config->uid, strerror(-error));
	else if (for_puts && !writable)
		log_warning("master: the root is read-only for the service's user",
			"root=\"%s\" uid=%u advice=\"every put will be refused; chown or chmod it "
			"if "
			"clients shall put files there\"",
			root, (unsigned int)config->uid);
}

/* What is mounted, by the same measure. */
static void check_mount(
	const struct config *config, const struct config_zone *zone, struct complaints *complaints)
{
	bool writable = false;
	int error = root_probe(config, zone->from, &writable);

	if (error < 0)
		complain(complaints, config_origin(config, "mount", zone->path, "from"),
			"from = \"%s\" cannot be read by uid %u, who serves it: %s; let that user "
			"in "
			"(chown, chmod, setfacl)",
			zone->from, (unsigned int)config->uid, strerror(-error));
}

static void check_roots(const struct config *config, struct complaints *complaints)
{
	for (size_t i = 0; i < config->zone_count; i++) {
		if (config->zones[i].mount)
			check_mount(config, &config->zones[i], complaints);
	}
	check_root(config, "", config->root, true, complaints);
	if (config->anonymous && config->anonymous_root[0] != '\0')
		check_root(config, "anonymous", config->anonymous_root,
			config->anonymous_may & RIGHT_put, complaints);
}

void inspect_config(const struct config *config, struct certificates *certificates,
	const struct ticket_keys *tickets, struct complaints *complaints)
{
	check_roots(config, complaints);
	exposure_check(config, complaints);
	state_check(config, complaints);
	users_probe(config, complaints);
	(void)certificates_open(certificates, config, tickets, complaints);
	advice_give(config);
}
