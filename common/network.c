#include "common/network.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static unsigned int bits_of(const struct address *address)
{
	return address->family == AF_INET ? 32 : 128;
}

/* Up to three digits, and nothing else. */
static int read_bits(const char *text)
{
	int bits = 0;
	size_t length = strspn(text, "0123456789");

	if (length == 0 || length > 3 || text[length] != '\0')
		return -EINVAL;
	for (; *text; text++)
		bits = bits * 10 + (*text - '0');
	return bits;
}

/* The bits of byte `index` that belong to the prefix. */
static uint8_t mask_of(unsigned int bits, unsigned int index)
{
	unsigned int before = index * 8;

	if (bits <= before)
		return 0;
	return bits >= before + 8 ? 0xff : (uint8_t)(0xff << (before + 8 - bits));
}

struct network network_around(const struct address *address, unsigned int bits)
{
	struct network network = {*address, bits};

	if (bits > bits_of(address))
		network.bits = bits_of(address);
	network.base.port = 0;
	network.base.scope = 0;
	for (unsigned int i = 0; i < sizeof(network.base.host); i++)
		network.base.host[i] &= mask_of(network.bits, i);
	return network;
}

static bool is_link_local(const struct address *address)
{
	return address->host[0] == 0xfe && (address->host[1] & 0xc0) == 0x80;
}

struct network network_of_client(const struct address *address)
{
	bool whole = address->family == AF_INET || is_link_local(address);

	return network_around(address, whole ? bits_of(address) : 64);
}

int network_parse(struct network *network, const char *text)
{
	char host[ADDRESS_TEXT];
	size_t length = strcspn(text, "/");
	struct address address;
	int bits;

	if (length >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, length);
	host[length] = '\0';
	if (address_parse(&address, host, 0) < 0)
		return -EINVAL;
	bits = text[length] == '/' ? read_bits(text + length + 1) : (int)bits_of(&address);
	if (bits < 0 || (unsigned int)bits > bits_of(&address))
		return -EINVAL;
	*network = network_around(&address, (unsigned int)bits);
	return address_same_host(&network->base, &address) ? 0 : -EINVAL;
}

char *network_format(const struct network *network, char text[NETWORK_TEXT])
{
	char host[ADDRESS_TEXT];

	address_format_host(&network->base, host);
	if (network->bits == bits_of(&network->base))
		snprintf(text, NETWORK_TEXT, "%s", host);
	else
		snprintf(text, NETWORK_TEXT, "%s/%u", host, network->bits);
	return text;
}

bool network_contains(const struct network *network, const struct address *address)
{
	struct network around;

	if (address->family != network->base.family)
		return false;
	around = network_around(address, network->bits);
	return network_equal(&around, network);
}

bool network_equal(const struct network *a, const struct network *b)
{
	return a->bits == b->bits && a->base.family == b->base.family &&
	       memcmp(a->base.host, b->base.host, sizeof(a->base.host)) == 0;
}
