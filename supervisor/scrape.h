/* The metrics for a Prometheus: an HTTP listener on a loopback address (status.metrics_port). The
 * master accepts, and writes down what there is to say; a child of its own, which has given up
 * every privilege, reads the request and answers it, a few at a time and none for longer than some
 * seconds. Who comes while all are busy waits in the kernel's queue. */
#ifndef FTPOOL_SUPERVISOR_SCRAPE_H
#define FTPOOL_SUPERVISOR_SCRAPE_H

#include "common/config.h"

#include <poll.h>
#include <sys/types.h>

enum { SCRAPES = 4 };

struct master;

struct scrape {
	int socket; /* -1: nobody can scrape */
	struct address address;
	pid_t children[SCRAPES]; /* 0: none */
};

void scrape_init(struct scrape *scrape);
void scrape_close(struct scrape *scrape);

/* Opens the listener that the config wishes for, if it does. 0, or -1 after complaining. */
int scrape_open(struct scrape *scrape, const struct config *config, struct complaints *complaints);

/* Could the listener be opened when the serving config's is closed? 0, or -1 after complaining. */
int scrape_try(
	const struct config *config, const struct config *serving, struct complaints *complaints);

/* The config is another one now: opens or closes what that changes. If it cannot, the listener
 * stays as it was, and the log says so. */
void scrape_obey(struct scrape *scrape, const struct config *config);

/* For poll(2), and what it brought. */
struct pollfd scrape_watch(const struct scrape *scrape);
void scrape_hear(struct scrape *scrape, const struct master *master);

/* Was that one of its children? */
bool scrape_bury(struct scrape *scrape, pid_t pid);

#endif
