#include "worker/renewal.h"

#include "common/config_pack.h"
#include "common/log.h"
#include "worker/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

void renewal_take_log(int descriptor)
{
	if (descriptor >= 0 && log_adopt(descriptor) == 0)
		log_debug("worker: log opened again", "pid=%d", (int)getpid());
}

/* A thread in the middle of a line keeps the old file until it is out. */
void renewal_take_xferlog(const struct engine *engine, int descriptor)
{
	if (engine->xferlog >= 0 && descriptor >= 0)
		(void)dup3(descriptor, engine->xferlog, O_CLOEXEC);
}

void renewal_take_level(const char *name)
{
	int level = log_level_named(name);

	if (level >= 0)
		log_set_level((enum log_level)level);
}

/* The old ones are left where they are: sessions hold on to them, and new ones come once in weeks.
 * The master has found them good, so what he is told is his own fault. */
void renewal_take_certificates(struct engine *engine, int descriptor)
{
	struct tls_material material;
	struct complaints complaints = {.to = stderr};
	const struct tls *old = atomic_load(&engine->tls);
	struct tls *tls = NULL;
	int error = old && descriptor >= 0 ? tls_material_unpack(&material, descriptor) : -EINVAL;

	if (error == 0) {
		tls = tls_new(engine->config, old->tickets, &material, &complaints);
		tls_material_wipe(&material);
	}
	if (tls) {
		tls->kernel = old->kernel;
		atomic_store(&engine->tls, tls);
		log_debug("worker: new certificates", "worker=%u", engine->slot);
	} else {
		log_error(
			"worker: the new certificates cannot be taken", "worker=%u", engine->slot);
	}
}

/* Like certificates, the old one stays: sessions hold on to their listeners there. */
void renewal_take_config(struct engine *engine, int descriptor)
{
	struct config *config = descriptor >= 0 ? config_unpack(descriptor) : NULL;

	if (config && config->listener_count == engine->config->listener_count) {
		log_set_level((enum log_level)config->log_level);
		atomic_store(&engine->config, config);
		log_debug("worker: new config", "worker=%u", engine->slot);
		return;
	}
	config_free(config);
	log_error("worker: the new config cannot be taken", "worker=%u", engine->slot);
}
