#include "supervisor/greeting.h"

#include "common/log.h"

#include <stdio.h>

void greeting_print(const struct config *config)
{
	char address[ADDRESS_TEXT];

	printf("ftpoold %s serves %s\n", FTPOOL_VERSION, config->root);
	for (size_t i = 0; i < config->listener_count; i++)
		printf("  %-6s on %s\n", config_protocol_name(config->listeners[i].protocol),
			address_format(&config->listeners[i].address, address));
	printf("  status of %u worker%s: ftpctl --socket %s status\n", config->workers,
		config->workers == 1 ? "" : "s", config->status_path);
	printf("Ctrl-C stops it.\n");
	fflush(stdout);
}

void greeting_log(const struct config *config)
{
	char address[ADDRESS_TEXT];

	for (size_t i = 0; i < config->listener_count; i++) {
		const struct config_listener *listener = &config->listeners[i];

		log_info("master: listening", "listener=%s protocol=%s address=%s", listener->name,
			config_protocol_name(listener->protocol),
			address_format(&listener->address, address));
	}
	log_info("master: serving", "version=%s root=\"%s\" workers=%u status=%s", FTPOOL_VERSION,
		config->root, config->workers, config->status_path);
}
