#include "common/config_origin.h"
#include "common/config_table.h"
#include "common/network.h"

bool config_exempts(const struct config *config, const struct address *address)
{
	struct network network;

	for (size_t i = 0; i < config->ban_exempt.count; i++) {
		if (network_parse(&network, config->ban_exempt.items[i]) == 0 &&
			network_contains(&network, address))
			return true;
	}
	return false;
}

void config_check_bans(const struct config *config, struct complaints *complaints)
{
	struct origin origin = config_origin(config, "ban", NULL, "exempt");
	struct network network;

	for (size_t i = 0; i < config->ban_exempt.count; i++) {
		if (network_parse(&network, config->ban_exempt.items[i]) < 0)
			complain(complaints, origin,
				"exempt: \"%s\" is no address or network; 192.0.2.7, 192.0.2.0/24 "
				"or 2001:db8::/32 would be",
				config->ban_exempt.items[i]);
	}
}
