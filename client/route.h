/* Where the user wants to go, and how to get there. */
#ifndef FTPOOL_CLIENT_ROUTE_H
#define FTPOOL_CLIENT_ROUTE_H

#include "client/location.h"

#include <stdbool.h>

enum { ROUTE_CONNECT_TIMEOUT_SECONDS = 10, ROUTE_PATIENCE_SECONDS = 60 };

struct route {
	struct location location;
	int timeout_seconds; /* 0: the defaults, one for connecting and one for everything else */
	bool tls;            /* speak TLS (with FTP by AUTH TLS, RFC 4217), and nothing less */
	const char *cacert;  /* a file of certificates to trust; NULL: the system's */
	bool insecure;       /* trust whatever certificate is shown */
	bool active;         /* FTP: the server makes the data connections */
};

#endif
