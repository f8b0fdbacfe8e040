#include "common/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t host_size(const struct address *address)
{
	return address->family == AF_INET ? 4 : 16;
}

/* ::ffff:192.0.2.1 is 192.0.2.1. */
static void unmap(struct address *address)
{
	static const uint8_t prefix[12] = {[10] = 0xff, [11] = 0xff};

	if (memcmp(address->host, prefix, sizeof(prefix)) != 0)
		return;
	address->family = AF_INET;
	address->scope = 0;
	memcpy(address->host, address->host + sizeof(prefix), 4);
	memset(address->host + 4, 0, sizeof(address->host) - 4);
}

/* Splits "fe80::1%eth0" and turns the part behind % into an interface number. */
static int parse_ipv6(struct address *address, const char *host)
{
	char digits[INET6_ADDRSTRLEN];
	const char *percent = strchr(host, '%');
	size_t length = percent ? (size_t)(percent - host) : strlen(host);

	if (length >= sizeof(digits))
		return -EINVAL;
	memcpy(digits, host, length);
	digits[length] = '\0';
	if (inet_pton(AF_INET6, digits, address->host) != 1)
		return -EINVAL;
	if (percent) {
		address->scope = if_nametoindex(percent + 1);
		if (address->scope == 0)
			address->scope = (uint32_t)strtoul(percent + 1, NULL, 10);
		if (address->scope == 0)
			return -EINVAL;
	}
	address->family = AF_INET6;
	unmap(address);
	return 0;
}

int address_parse(struct address *address, const char *host, uint16_t port)
{
	memset(address, 0, sizeof(*address));
	address->port = port;
	if (inet_pton(AF_INET, host, address->host) == 1) {
		address->family = AF_INET;
		return 0;
	}
	return parse_ipv6(address, host);
}

int address_from_socket(struct address *address, const struct sockaddr_storage *socket_address)
{
	memset(address, 0, sizeof(*address));
	if (socket_address->ss_family == AF_INET) {
		const struct sockaddr_in *in = (const struct sockaddr_in *)socket_address;

		address->family = AF_INET;
		address->port = ntohs(in->sin_port);
		memcpy(address->host, &in->sin_addr, 4);
		return 0;
	}
	if (socket_address->ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)socket_address;

		address->port = ntohs(in6->sin6_port);
		address->family = AF_INET6;
		address->scope = in6->sin6_scope_id;
		memcpy(address->host, &in6->sin6_addr, 16);
		unmap(address);
		return 0;
	}
	return -EAFNOSUPPORT;
}

socklen_t address_to_socket(const struct address *address, struct sockaddr_storage *out)
{
	memset(out, 0, sizeof(*out));
	if (address->family == AF_INET) {
		struct sockaddr_in *in = (struct sockaddr_in *)out;

		in->sin_family = AF_INET;
		in->sin_port = htons(address->port);
		memcpy(&in->sin_addr, address->host, 4);
		return sizeof(*in);
	}

	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)out;

	in6->sin6_family = AF_INET6;
	in6->sin6_port = htons(address->port);
	in6->sin6_scope_id = address->scope;
	memcpy(&in6->sin6_addr, address->host, 16);
	return sizeof(*in6);
}

char *address_format_host(const struct address *address, char text[ADDRESS_TEXT])
{
	if (address->family != AF_INET && address->family != AF_INET6) {
		strcpy(text, "-");
		return text;
	}
	inet_ntop(address->family, address->host, text, INET6_ADDRSTRLEN);
	if (address->scope)
		snprintf(text + strlen(text), ADDRESS_TEXT - strlen(text), "%%%u", address->scope);
	return text;
}

char *address_format(const struct address *address, char text[ADDRESS_TEXT])
{
	char host[ADDRESS_TEXT];

	address_format_host(address, host);
	snprintf(text, ADDRESS_TEXT, address->family == AF_INET6 ? "[%.70s]:%u" : "%.70s:%u", host,
		address->port);
	return text;
}

bool address_same_host(const struct address *a, const struct address *b)
{
	return a->family == b->family && a->scope == b->scope &&
	       memcmp(a->host, b->host, host_size(a)) == 0;
}

bool address_equal(const struct address *a, const struct address *b)
{
	return a->port == b->port && address_same_host(a, b);
}

/* FNV-1a: short, and good enough for a table that is checked exactly where it matters. */
uint32_t address_host_hash(const struct address *address)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; i < host_size(address); i++)
		hash = (hash ^ address->host[i]) * 16777619u;
	return hash ^ (hash >> 15);
}
