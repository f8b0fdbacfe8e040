/* The command line. */
#ifndef FTPOOL_CLIENT_ARGUMENTS_H
#define FTPOOL_CLIENT_ARGUMENTS_H

#include "client/order.h"
#include "client/route.h"

struct arguments {
	struct route route;
	struct order order; /* .verb is ORDER_UNKNOWN: show the menu */
	bool quiet;
	bool done; /* --help or --version was answered */
};

/* 0; or -EINVAL after having said what is wrong and what is right on standard error. The names
 * point into argv; a password in a URL there is overwritten, for others can see it. */
int arguments_parse(struct arguments *arguments, int argc, char **argv);

#endif
