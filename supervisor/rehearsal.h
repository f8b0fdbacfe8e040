/* A new config, looked at whole before anything is changed: files, users, certificates, ports. That
 * reads files, asks for names and may be held up by either, so a child does it. What it finds it
 * sends back packet by packet: the config, the certificates, a socket for each listener that has
 * none yet; or what is wrong, as text. Used by the master alone, which is never held up by it. */
#ifndef FTPOOL_SUPERVISOR_REHEARSAL_H
#define FTPOOL_SUPERVISOR_REHEARSAL_H

#include "supervisor/generation.h"

#include <poll.h>
#include <sys/types.h>

struct rehearsal {
	pid_t pid;                /* of the child; 0: there is none, or it is buried */
	int channel;              /* -1: none */
	int config;               /* packed; -1: has not come */
	int certificates;         /* packed; -1: has not come, or there are none */
	struct listeners brought; /* those that were bound, at the config's places */
	char *complaints;         /* what is wrong, lines; NULL: nothing so far */
	bool done;                /* the child has said all */
	bool over;                /* no more will come */
};

/* What is to be looked at. */
struct rehearsal_order {
	const struct config_request *request;
	const struct generation *serving;
	const struct ticket_keys *tickets;
};

/* Nothing is under way. */
void rehearsal_init(struct rehearsal *rehearsal);

/* Forks the child. 0 or -errno. */
int rehearsal_begin(struct rehearsal *rehearsal, const struct rehearsal_order *order);

/* Takes what has come. */
void rehearsal_hear(struct rehearsal *rehearsal);

/* Ends the child, if there is one, and forgets what it brought. Idempotent. */
void rehearsal_close(struct rehearsal *rehearsal);

#endif
