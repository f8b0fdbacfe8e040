#include "common/passive_address.h"

#include <ctype.h>
#include <string.h>

enum { NAME_LONGEST = 253, LABEL_LONGEST = 63 };

bool passive_address_is_tellable(const struct address *address)
{
	/* 224.0.0.0/4 is multicast (RFC 5771), 240.0.0.0/4 nobody's (RFC 1112), 0.0.0.0/8 "this
	 * network" (RFC 1122 3.2.1.3). */
	return address->family == AF_INET && address->host[0] != 0 && address->host[0] < 224;
}

/* The length of the label that begins here; 0 if none does. RFC 1123 2.1. */
static size_t label_length(const char *text)
{
	size_t length = 0;

	while (isalnum((unsigned char)text[length]) || text[length] == '-')
		length++;
	return length <= LABEL_LONGEST && text[0] != '-' && (length == 0 || text[length - 1] != '-')
		       ? length
		       : 0;
}

/* Labels with dots between, the last one not of digits alone, or it would be a slip in an
 * address. */
static bool is_name(const char *text)
{
	bool has_letter = false;

	if (strlen(text) > NAME_LONGEST)
		return false;
	for (;;) {
		size_t length = label_length(text);

		if (length == 0)
			return false;
		has_letter = strspn(text, "0123456789") < length;
		text += length;
		if (text[0] == '\0' || (text[0] == '.' && text[1] == '\0'))
			return has_letter;
		if (*text++ != '.')
			return false;
	}
}

static const char *read_network(struct network *network, const char *text, size_t length)
{
	char copy[ADDRESS_TEXT];

	if (length >= sizeof(copy))
		return "begins with no network; one such as 10.0.0.0/8 would be";
	memcpy(copy, text, length);
	copy[length] = '\0';
	if (network_parse(network, copy) < 0)
		return "begins with no network; one such as 10.0.0.0/8, all 0 behind the prefix, "
		       "would be";
	if (network->base.family != AF_INET)
		return "is for an IPv6 network, where PASV is not used; an IPv4 one such as "
		       "10.0.0.0/8 is right";
	return NULL;
}

const char *passive_address_read(struct passive_address *item, const char *text)
{
	const char *equals = strchr(text, '=');
	const char *host = equals ? equals + 1 : text;
	const char *wrong =
		equals ? read_network(&item->network, text, (size_t)(equals - text)) : NULL;

	item->for_all = equals == NULL;
	item->name = NULL;
	if (wrong)
		return wrong;
	if (address_parse(&item->address, host, 0) == 0) {
		if (passive_address_is_tellable(&item->address))
			return NULL;
		return item->address.family == AF_INET
			       ? "is no address that a client could connect to; the one this "
				 "server "
				 "is reached by is right"
			       : "is IPv6, which PASV cannot tell; an IPv4 address or a host name "
				 "is right";
	}
	item->address.family = 0;
	item->name = host;
	return is_name(host) ? NULL
			     : "is neither an IPv4 address nor a host name; 192.0.2.1, "
			       "ftp.example.org or 10.0.0.0/8=10.1.2.3 would be";
}
