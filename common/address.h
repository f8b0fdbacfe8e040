/* An Internet address with its port, and its text. A v4-mapped IPv6 address (::ffff:192.0.2.1)
 * becomes plain IPv4 on the way in, so that one client is one address. */
#ifndef FTPOOL_COMMON_ADDRESS_H
#define FTPOOL_COMMON_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct address {
	uint16_t family;  /* AF_INET, AF_INET6 or 0: none */
	uint16_t port;    /* host byte order */
	uint32_t scope;   /* interface of a link-local IPv6 address */
	uint8_t host[16]; /* network byte order; IPv4 uses the first four */
};

enum { ADDRESS_TEXT = 80 };

/* Reads a numeric address ("192.0.2.1", "2001:db8::1", "fe80::1%eth0"); no name is looked up.
 * 0 or -EINVAL. */
int address_parse(struct address *address, const char *host, uint16_t port);

/* From what accept(2), getsockname(2) gave. 0, or -EAFNOSUPPORT if it is not IPv4 or IPv6. */
int address_from_socket(struct address *address, const struct sockaddr_storage *socket_address);

/* For bind(2) and connect(2); returns the length of what it wrote. */
socklen_t address_to_socket(const struct address *address, struct sockaddr_storage *out);

/* "192.0.2.1:8888" or "[2001:db8::1]:8888". Returns text. */
char *address_format(const struct address *address, char text[ADDRESS_TEXT]);

/* "192.0.2.1" or "2001:db8::1". Returns text. */
char *address_format_host(const struct address *address, char text[ADDRESS_TEXT]);

/* Same host, whatever the ports. */
bool address_same_host(const struct address *a, const struct address *b);

/* Same host and port. */
bool address_equal(const struct address *a, const struct address *b);

/* Spreads hosts over buckets; equal hosts give equal numbers, in every process. */
uint32_t address_host_hash(const struct address *address);

#endif
