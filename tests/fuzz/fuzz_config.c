/* Any text as a config file: it is refused with at least one complaint, or loads into a config
 * whose values are within their bounds. */
#include "tests/fuzz/fuzz.h"

#include "common/config.h"
#include "common/rights.h"

#include <assert.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static void assert_sound(const struct config *config)
{
	assert(config->listener_count > 0);
	assert(config->workers >= 1);
	assert(config->root && config->root[0] == '/');
	assert(config->status_path && config->status_path[0] == '/');
	assert(config->worker_timeout_seconds >= 2);
	assert(config->status_mode <= 0777);
	for (size_t i = 0; i < config->listener_count; i++) {
		assert(config->listeners[i].name);
		assert(config->listeners[i].port <= 65535);
		assert(config->listeners[i].protocol <= PROTOCOL_FTP);
	}
	assert((config->anonymous_may & ~(uint32_t)RIGHTS_ALL) == 0);
	assert(config->passive_ports.first <= config->passive_ports.last);
	for (size_t i = 0; i < config->passive_address.count; i++)
		assert(config->passive_address.items[i][0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int file = memfd_create("fuzz_config", MFD_CLOEXEC);
	FILE *nowhere = fopen("/dev/null", "w");
	struct complaints complaints = {.to = nowhere};
	struct config_request request = {.root = "/"};
	struct config *config;
	char path[32];

	assert(file >= 0 && nowhere);
	assert(write(file, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	request.file = path;
	config = config_load(&request, &complaints);
	assert((config == NULL) == (complaints.count > 0));
	if (config)
		assert_sound(config);
	config_free(config);
	fclose(nowhere);
	close(file);
	return 0;
}
