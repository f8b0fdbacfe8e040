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

/* For the listeners of a config that shall take another one's place: those whose address stays keep
 * their socket, which both have then; the others have none (-1). 0 or -ENOMEM. */
int listeners_inherit(struct listeners *listeners, const struct config *config,
	const struct listeners *before, const struct config *config_before);

/* For a program that another one has handed these sockets: each goes to the listener whose address
 * it has, and the others have none. The sockets stay the caller's. 0 or -ENOMEM. */
int listeners_adopt(
	struct listeners *listeners, const struct config *config, const int *sockets, size_t count);

/* Binds those that have none. 0, or -1 after telling everything that is wrong. */
int listeners_bind_missing(
	struct listeners *listeners, const struct config *config, struct complaints *complaints);

/* Closes those that `others` does not have. Idempotent. */
void listeners_close_but(struct listeners *listeners, const struct listeners *others);

/* Tells the kernel how many may wait at each, as the config says now. */
void listeners_set_backlog(const struct listeners *listeners, const struct config *config);

/* Closes the master's side. Idempotent. */
void listeners_close(struct listeners *listeners);

#endif
