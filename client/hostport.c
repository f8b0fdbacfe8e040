#include "client/hostport.h"

#include "common/lgpq_field.h"

#include <errno.h>
#include <string.h>

int hostport_parse_port(uint16_t *port, const char *text)
{
	int64_t number;

	if (lgpq_field_number(&number, text, strlen(text)) || number < 1 || number > UINT16_MAX)
		return -EINVAL;
	*port = (uint16_t)number;
	return 0;
}

static int take_host(struct hostport *hostport, const char *host, size_t length)
{
	if (length == 0 || length >= HOSTPORT_HOST)
		return -EINVAL;
	memcpy(hostport->host, host, length);
	hostport->host[length] = '\0';
	return 0;
}

int hostport_parse(struct hostport *hostport, const char *text)
{
	const char *host = text, *end = strchr(text, ':');

	*hostport = (struct hostport){.port = HOSTPORT_DEFAULT};
	if (*text == '[') {
		host = text + 1;
		end = strchr(host, ']');
		if (!end || take_host(hostport, host, (size_t)(end - host)))
			return -EINVAL;
		end++;
	} else {
		if (!end || strchr(end + 1, ':'))
			end = text + strlen(text);
		if (take_host(hostport, host, (size_t)(end - host)))
			return -EINVAL;
	}
	if (*end == '\0')
		return 0;
	hostport->port_given = true;
	return *end == ':' ? hostport_parse_port(&hostport->port, end + 1) : -EINVAL;
}
