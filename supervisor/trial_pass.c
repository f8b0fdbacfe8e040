#include "supervisor/trial.h"

#include "common/clock.h"
#include "supervisor/master.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { LOOK_MS = 100 };

/* The worker is to listen as any other does, and shall get no client. */
static int stand_in(void)
{
	const struct sockaddr nobody_knows = {.sa_family = AF_UNIX};
	int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (listening >= 0 && bind(listening, &nobody_knows, sizeof(nobody_knows.sa_family)) == 0 &&
		listen(listening, 1) == 0)
		return listening;
	if (listening >= 0)
		close(listening);
	return -1;
}

/* Of its own are the sockets, and the file for events, which the herald of those that serve would
 * take for a dead worker's. false: the kernel refuses. */
static bool set_apart(struct master *master, struct generation *own)
{
	size_t count = own->config->listener_count;
	int *sockets = calloc(count, sizeof(sockets[0]));

	for (size_t i = 0; sockets && i < count; i++) {
		sockets[i] = stand_in();
		if (sockets[i] < 0) {
			free(sockets);
			return false;
		}
	}
	master->pool.tidings = NULL;
	own->birthright.listeners = sockets;
	if (config_has_events(own->config))
		own->birthright.events = memfd_create("ftpool events", MFD_CLOEXEC);
	return sockets && pool_resize(&master->pool, &own->birthright, own->number, 1) == 0;
}

/* The channels of those that serve are here too, and are not to be read. */
static void hear_own(struct master *master, struct generation *own, struct pollfd *watches)
{
	struct pool *pool = &master->pool;
	struct pollfd heard[2] = {{.fd = -1}, auth_watch(&own->auth)};
	uint32_t worker = 0;

	pool_watch(pool, watches);
	for (uint32_t i = 0; i < pool->slot_count; i++) {
		if (pool->slots[i].generation != own->number || watches[i].fd < 0)
			continue;
		worker = i;
		heard[0] = watches[i];
	}
	(void)poll(heard, 2, LOOK_MS);
	watches[worker].revents = heard[0].revents;
	pool_hear(pool, watches);
	auth_hear(&own->auth, &heard[1], clock_ms());
}

/* `before`: so many crashes there were before the trial. */
static const char *what_failed(const struct pool *pool, uint64_t before)
{
	const struct crashes *crashes = &pool->crashes;

	if (pool->failure[0])
		return pool->failure;
	return crashes->count > before ? strsignal(crashes->kept[before % CRASHES_KEPT]->signal)
				       : "it ended";
}

/* Whoever tries this program does not wait for ever. */
static int wait_until_ready(struct master *master, struct generation *own, struct pollfd *watches,
	struct complaints *complaints)
{
	struct pool *pool = &master->pool;
	struct origin origin = {"ftpoold", 0};
	uint64_t crashes = pool->crashes.count;

	while (pool_living(pool, own->number) == 0 || !auth_is_ready(&own->auth)) {
		pool_reap(pool, clock_ms());
		if (pool_has_failed(pool, own->number)) {
			complain(complaints, origin, "a worker did not get ready: %s",
				what_failed(pool, crashes));
			return -1;
		}
		if (auth_is_hopeless(&own->auth)) {
			complain(complaints, origin, "the authenticator did not get ready");
			return -1;
		}
		pool_fill(pool, clock_ms());
		auth_tend(&own->auth, clock_ms());
		hear_own(master, own, watches);
	}
	return 0;
}

int trial_pass(struct master *master, struct generation *own, struct complaints *complaints)
{
	struct pollfd *watches = calloc(master->pool.slot_count, sizeof(watches[0]));
	int status = -1;

	if (watches && set_apart(master, own))
		status = wait_until_ready(master, own, watches, complaints);
	else
		complain(complaints, (struct origin){"ftpoold", 0}, "the kernel refuses a trial");
	free(watches);
	return status;
}
