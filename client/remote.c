#include "client/remote.h"

#include "client/ftp.h"
#include "client/lgpq_link.h"
#include "client/route.h"
#include "common/clock.h"

#include <assert.h>

void remote_catalogue_is_new(struct remote *remote)
{
	remote->catalogue_known = true;
	remote->catalogue_ms = clock_ms();
}

int remote_open(struct remote *remote, const struct route *route)
{
	int result;

	*remote = (struct remote){0};
	if (route->location.scheme == LOCATION_LGPQ)
		result = lgpq_link_open(remote, route);
	else
		result = ftp_open(remote, route);
	if (result)
		catalogue_clear(&remote->catalogue);
	return result;
}

void remote_close(struct remote *remote)
{
	remote->protocol->close(remote);
	catalogue_clear(&remote->catalogue);
}

int remote_list(struct remote *remote, int64_t age_ms)
{
	int result;

	if (remote->catalogue_known && clock_ms() - remote->catalogue_ms < age_ms)
		return 0;
	do {
		result = remote->protocol->prepare(remote);
		if (result)
			return result;
		catalogue_clear(&remote->catalogue);
		remote->catalogue_known = false;
		result = remote->protocol->list(remote, &remote->catalogue);
	} while (remote->protocol->again(remote, result));
	if (result == 0)
		remote_catalogue_is_new(remote);
	return result;
}

int remote_get(struct remote *remote, const char *name, int64_t offset, struct receiver *receiver)
{
	int result;

	do {
		result = remote->protocol->prepare(remote);
		if (result)
			return result;
		result = remote->protocol->get(remote, name, offset, receiver);
	} while (remote->protocol->again(remote, result));
	return result;
}

int remote_confirm(struct remote *remote, const char *name, int64_t size, struct receipt *receipt)
{
	int result;

	do {
		result = remote->protocol->prepare(remote);
		if (result)
			return result;
		result = remote->protocol->confirm(remote, name, size, receipt);
	} while (remote->protocol->again(remote, result));
	return result;
}

int remote_put(struct remote *remote, const char *name, int64_t size, int64_t offset,
	struct supplier *supplier, struct receipt *receipt)
{
	int result;

	do {
		result = remote->protocol->prepare(remote);
		if (result)
			return result;
		result = remote->protocol->put(remote, name, size, offset, supplier, receipt);
	} while (remote->protocol->again(remote, result));
	remote->catalogue_known = false;
	return result;
}
