#include "supervisor/advice.h"

#include "common/log.h"

#include <stdio.h>

/* Every session that transfers passively keeps one. */
enum { PORTS_FEW = 100 };

/* "ftpool.conf:7", where the ports were written. */
static void format_place(const struct config *config, char *text, size_t size)
{
	struct origin origin = config_origin(config, "passive", NULL, "ports");

	if (origin.line > 0)
		snprintf(text, size, "%s:%u", origin.file, origin.line);
	else
		snprintf(text, size, "%s", origin.file);
}

static void advise_on_ports(const struct config *config)
{
	const struct config_ports *ports = &config->passive_ports;
	char place[300];

	if (ports->last == 0)
		return;
	format_place(config, place, sizeof(place));
	if (ports->last - ports->first + 1 < PORTS_FEW)
		log_warning("config: few passive ports",
			"at=\"%s\" ports=%d advice=\"each FTP session that transfers needs one of "
			"its own, and those beyond are refused; have %d or more\"",
			place, ports->last - ports->first + 1, PORTS_FEW);
	for (size_t i = 0; i < config->listener_count; i++) {
		const struct config_listener *listener = &config->listeners[i];

		if (listener->port >= ports->first && listener->port <= ports->last)
			log_warning("config: a listener's port is among the passive ones",
				"at=\"%s\" listener=%s port=%u advice=\"move one of the two\"",
				place, listener->name, listener->port);
	}
}

static void advise_on_accounts(const struct config *config)
{
	for (size_t i = 0; i < config->listener_count; i++) {
		if (config->listeners[i].protocol == PROTOCOL_FTP && !config->anonymous &&
			!config_has_accounts(config))
			log_warning("config: nobody can log in by FTP",
				"listener=%s advice=\"name a users file, or let anonymous in\"",
				config->listeners[i].name);
	}
}

void advice_give(const struct config *config)
{
	advise_on_ports(config);
	advise_on_accounts(config);
}
