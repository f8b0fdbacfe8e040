/* The command line. */
#ifndef FTPOOL_CLIENT_ARGUMENTS_H
#define FTPOOL_CLIENT_ARGUMENTS_H

#include "client/hostport.h"
#include "client/order.h"

struct arguments {
	struct hostport server;
	struct order order; /* .verb is ORDER_UNKNOWN: show the menu */
	bool quiet;
	int timeout_seconds; /* 0: the default */
	bool done;           /* --help or --version was answered */
};

/* 0; or -EINVAL after having said what is wrong and what is right on standard error. The names
 * point into argv. */
int arguments_parse(struct arguments *arguments, int argc, char **argv);

#endif
