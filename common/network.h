/* A network: all addresses that begin with the same bits. "192.0.2.0/24", "2001:db8::/32"; an
 * address alone is a network of one. */
#ifndef FTPOOL_COMMON_NETWORK_H
#define FTPOOL_COMMON_NETWORK_H

#include "common/address.h"

struct network {
	struct address base; /* its bits behind the prefix are 0; no port */
	unsigned int bits;   /* of the prefix */
};

/* 0, or -EINVAL: no address, a prefix that is too long, or bits set behind it. */
int network_parse(struct network *network, const char *text);

/* The network of an address with so many bits of prefix; all there are if that is too many. */
struct network network_around(const struct address *address, unsigned int bits);

/* Whom a limit or a ban counts as one client: an IPv4 address; the /64 of an IPv6 address, since
 * who has one of them has them all; but a link-local address alone, whose /64 is everybody's. */
struct network network_of_client(const struct address *address);

/* Is the address one of the network's? A port, and the interface of a link-local one, is no
 * matter. */
bool network_contains(const struct network *network, const struct address *address);

enum { NETWORK_TEXT = ADDRESS_TEXT + 8 };
/* "192.0.2.0/24"; "192.0.2.1" for a network of one. Returns text. */
char *network_format(const struct network *network, char text[NETWORK_TEXT]);

/* Same prefix of the same length. */
bool network_equal(const struct network *a, const struct network *b);

#endif
