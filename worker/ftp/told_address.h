/* The address that PASV tells a client to connect to. Behind NAT that is not the one the client's
 * control connection has here: the config's passive.address says what it is, for clients of one
 * network or for all. Clients in the server's own networks reach it directly, and are told the
 * local address unless the config names their network. */
#ifndef FTPOOL_WORKER_FTP_TOLD_ADDRESS_H
#define FTPOOL_WORKER_FTP_TOLD_ADDRESS_H

#include "worker/engine.h"

/* Reads the config's items and learns the networks of this machine's interfaces, which cannot be
 * asked for behind the sandbox. Once, before told_address. */
void told_address_prepare(const struct config *config);

/* The IPv4 address that PASV tells this peer, with the port of local. 0, or -EADDRNOTAVAIL when
 * none is known (yet) or the control connection is IPv6 (425). */
int told_address(struct address *told, const struct engine *engine, const struct address *peer,
	const struct address *local);

#endif
