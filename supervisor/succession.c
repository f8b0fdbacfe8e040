#include "supervisor/succession.h"

#include "common/clock.h"
#include "common/config_pack.h"
#include "common/ticket_keys.h"
#include "supervisor/inspect.h"
#include "supervisor/log_file.h"

#include <unistd.h>

struct ticket_keys *succession_tickets(const struct handover *handover)
{
	const json_t *memories = json_object_get(handover->state, "memories");
	int descriptor = handover_take(handover, memories, "tickets");
	struct ticket_keys *tickets = descriptor >= 0 ? ticket_keys_adopt(descriptor) : NULL;

	return tickets ? tickets : ticket_keys_new(clock_ms());
}

static uint32_t number(const struct handover *handover, const char *name)
{
	return (uint32_t)json_integer_value(json_object_get(handover->state, name));
}

static struct generation *read_anew(const struct launch *launch, const struct handover *handover,
	const struct ticket_keys *tickets, struct complaints *complaints)
{
	struct config *config = config_load(launch->request, complaints);
	struct generation *generation =
		config ? generation_new(number(handover, "generation_count") + 1, config) : NULL;

	if (!generation)
		return NULL;
	log_file_begin(config);
	inspect_config(config, &generation->certificates, tickets, complaints);
	return generation;
}

static struct generation *as_it_was(const struct handover *handover,
	const struct ticket_keys *tickets, struct complaints *complaints)
{
	int packed = handover_take(handover, NULL, "config");
	int certificates = handover_take(handover, NULL, "certificates");
	struct config *config = packed >= 0 ? config_unpack(packed) : NULL;
	struct generation *generation =
		config ? generation_new(number(handover, "serving"), config) : NULL;

	if (packed >= 0)
		close(packed);
	if (!generation)
		return NULL;
	log_file_begin(config);
	(void)certificates_adopt(&generation->certificates, config, tickets,
		certificates >= 0 ? certificates : -1, complaints);
	return generation;
}

struct generation *succession_generation(const struct launch *launch,
	const struct handover *handover, const struct ticket_keys *tickets,
	struct complaints *complaints)
{
	if (!tickets)
		return NULL;
	return handover->back ? as_it_was(handover, tickets, complaints)
			      : read_anew(launch, handover, tickets, complaints);
}
