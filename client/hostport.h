/* Which server the user means: HOST, HOST:PORT, [ADDRESS] or [ADDRESS]:PORT. Pure. */
#ifndef FTPOOL_CLIENT_HOSTPORT_H
#define FTPOOL_CLIENT_HOSTPORT_H

#include <stdbool.h>
#include <stdint.h>

enum { HOSTPORT_DEFAULT = 8888, HOSTPORT_HOST = 256 };

struct hostport {
	char host[HOSTPORT_HOST]; /* a name or an address, without brackets */
	uint16_t port;            /* HOSTPORT_DEFAULT if the user named none */
	bool port_given;
};

/* 0, or -EINVAL: no host, a host that is too long, a port out of range, stray characters. A bare
 * IPv6 address, with more than one colon and no brackets, is a host without port. */
int hostport_parse(struct hostport *hostport, const char *text);

/* A port number from 1 to 65535 and nothing else; 0 or -EINVAL. */
int hostport_parse_port(uint16_t *port, const char *text);

#endif
