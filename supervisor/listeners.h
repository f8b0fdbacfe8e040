/* The listening sockets: handed over by systemd (sd_listen_fds(3)) where one fits, else bound here.
 * They stay open for as long as the master lives, whatever happens to its workers. */
#ifndef FTPOOL_SUPERVISOR_LISTENERS_H
#define FTPOOL_SUPERVISOR_LISTENERS_H

#include "common/config.h"

struct listeners {
	int *sockets; /* in the order of the config's listeners */
	size_t count;
	size_t handed_over; /* how many of them systemd brought */
};

/* Opens all. 0, or -1 after telling everything that is wrong; then nothing is open. */
int listeners_open(
	struct listeners *listeners, const struct config *config, struct complaints *complaints);

/* Closes the master's side. Idempotent. */
void listeners_close(struct listeners *listeners);

#endif
