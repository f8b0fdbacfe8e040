/* One item of the config's passive.address: what clients of a network are told to connect to.
 *
 *     ADDRESS          NAME             for everybody else
 *     NETWORK=ADDRESS  NETWORK=NAME     for clients in that network
 *
 * ADDRESS is IPv4, since PASV can tell no other (RFC 959); NAME a host name, looked up by the
 * master's children and found on the board. */
#ifndef FTPOOL_COMMON_PASSIVE_ADDRESS_H
#define FTPOOL_COMMON_PASSIVE_ADDRESS_H

#include "common/network.h"

struct passive_address {
	bool for_all; /* no network: for those in no other item's */
	struct network network;
	struct address address; /* family 0: it is a name */
	const char *name;       /* in the text that was read; NULL: it is an address */
};

/* NULL, or what is wrong with the text and what would be right, for a message. */
const char *passive_address_read(struct passive_address *item, const char *text);

/* Can a client connect to it? 0.0.0.0, multicast and broadcast are no host's. */
bool passive_address_is_tellable(const struct address *address);

#endif
