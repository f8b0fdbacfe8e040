/* ftpctl status --crashes, workers, drain: the worker processes, how many, and what became of those
 * that crashed. */
#ifndef FTPOOL_CLIENT_CTL_POOL_H
#define FTPOOL_CLIENT_CTL_POOL_H

#include "client/ctl_commands.h"

/* The service at a glance; with --crashes, what is known of workers that crashed. */
enum ctl_exit ctl_status(const struct ctl_wish *wish, int argc, char **argv);

/* Without an argument shows the workers; with a number, so many are wished for from now on. */
enum ctl_exit ctl_workers(const struct ctl_wish *wish, int argc, char **argv);

/* How the answer to the order is shown. */
void ctl_print_drained(FILE *out, const json_t *answer);

#endif
