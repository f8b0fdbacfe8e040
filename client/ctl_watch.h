/* `ftpctl watch`: a line about the service each interval, as vmstat(8) does. */
#ifndef FTPOOL_CLIENT_CTL_WATCH_H
#define FTPOOL_CLIENT_CTL_WATCH_H

#include "client/ctl_commands.h"

/* Arguments, if there: the seconds between two lines (2), and how many lines (no end). */
enum ctl_exit ctl_watch_run(const struct ctl_wish *wish, int argc, char **argv);

/* Reads the seconds between two looks: 0.1 to 86400. false after saying what is wrong. */
bool ctl_watch_interval(double *seconds, const char *text);

#endif
