#include "supervisor/generation.h"

#include "supervisor/log_file.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

struct generation *generation_new(uint32_t number, struct config *config)
{
	struct generation *generation = calloc(1, sizeof(*generation));

	if (!generation) {
		config_free(config);
		return NULL;
	}
	generation->number = number;
	generation->config = config;
	generation->certificates.config = config;
	generation->certificates.packed = -1;
	generation->birthright.xferlog = -1;
	generation->birthright.events = -1;
	generation->auth = (struct auth){.questions = -1, .answerer = -1, .channel = -1};
	return generation;
}

int generation_prepare(struct generation *generation, const struct birthright *shared)
{
	int xferlog, error = log_file_open_xferlog(generation->config, &xferlog);

	if (error == 0 && generation->auth.questions < 0)
		error = auth_open(&generation->auth, generation->config);
	generation->board = board_of_generation(shared->board, generation->number);
	lookup_init(&generation->lookup, generation->config, &generation->board);
	generation->birthright = *shared;
	generation->birthright.config = generation->config;
	generation->birthright.board = &generation->board;
	generation->birthright.questions = generation->auth.questions;
	generation->birthright.xferlog = xferlog;
	generation->birthright.tls = generation->certificates.tls;
	generation->birthright.listeners = generation->listeners.sockets;
	return error;
}

int generation_take_config(struct generation *generation, struct config *config)
{
	struct config **grown = reallocarray(
		generation->former, generation->former_count + 1, sizeof(generation->former[0]));

	if (!grown)
		return -ENOMEM;
	grown[generation->former_count++] = generation->config;
	generation->former = grown;
	generation->config = config;
	generation->certificates.config = config;
	generation->auth.config = config;
	generation->lookup.config = config;
	generation->birthright.config = config;
	return 0;
}

void generation_free(struct generation *generation)
{
	if (!generation)
		return;
	auth_close(&generation->auth);
	listeners_close(&generation->listeners);
	certificates_close(&generation->certificates);
	if (generation->birthright.xferlog >= 0)
		close(generation->birthright.xferlog);
	for (size_t i = 0; i < generation->former_count; i++)
		config_free(generation->former[i]);
	free(generation->former);
	config_free(generation->config);
	free(generation);
}
