#include "worker/ftp/told_address.h"

#include "common/log.h"
#include "common/passive_address.h"

#include <errno.h>
#include <ifaddrs.h>
#include <netinet/in.h>
#include <string.h>

enum { OWN_MOST = 64 };

/* Written once, before there are threads. */
static struct passive_address items[BOARD_NAMES];
static size_t item_count;
static struct network own[OWN_MOST]; /* the machine's */
static size_t own_count;

/* ---- before the sandbox ---- */

/* A mask of nothing, as some tunnels have, would make neighbours of all the world. */
static void learn_network(const struct ifaddrs *interface)
{
	struct sockaddr_storage storage = {0};
	struct sockaddr_in mask;
	struct address mine;

	if (!interface->ifa_addr || !interface->ifa_netmask ||
		interface->ifa_addr->sa_family != AF_INET || own_count == OWN_MOST)
		return;
	memcpy(&storage, interface->ifa_addr, sizeof(struct sockaddr_in));
	memcpy(&mask, interface->ifa_netmask, sizeof(mask));
	if (mask.sin_addr.s_addr != 0 && address_from_socket(&mine, &storage) == 0)
		own[own_count++] = network_around(
			&mine, (unsigned int)__builtin_popcount(mask.sin_addr.s_addr));
}

static void learn_networks(void)
{
	struct ifaddrs *all;

	own_count = 0;
	if (getifaddrs(&all) < 0) {
		log_warning("ftp: the machine's own networks cannot be learnt", "error=\"%s\"",
			strerror(errno));
		return;
	}
	for (const struct ifaddrs *interface = all; interface; interface = interface->ifa_next)
		learn_network(interface);
	freeifaddrs(all);
}

void told_address_prepare(const struct config *config)
{
	const struct config_list *list = &config->passive_address;

	/* An item's place is its name's on the board; the config's check lets no other pass. */
	for (item_count = 0; item_count < list->count && item_count < BOARD_NAMES; item_count++) {
		if (passive_address_read(&items[item_count], list->items[item_count]) != NULL)
			break;
	}
	if (item_count > 0)
		learn_networks();
}

/* ---- for each PASV ---- */

static bool is_neighbour(const struct address *peer)
{
	for (size_t i = 0; i < own_count; i++) {
		if (network_contains(&own[i], peer))
			return true;
	}
	return false;
}

/* Of the items with a network that holds the peer the one with the smallest; NULL: none. */
static const struct passive_address *item_of(const struct address *peer)
{
	const struct passive_address *best = NULL;

	for (size_t i = 0; i < item_count; i++) {
		const struct passive_address *item = &items[i];

		if (!item->for_all && network_contains(&item->network, peer) &&
			(!best || item->network.bits > best->network.bits))
			best = item;
	}
	return best;
}

static const struct passive_address *item_for_all(void)
{
	size_t i = 0;

	while (i < item_count && !items[i].for_all)
		i++;
	return i < item_count ? &items[i] : NULL;
}

int told_address(struct address *told, const struct engine *engine, const struct address *peer,
	const struct address *local)
{
	const struct passive_address *item = item_of(peer);
	int error = 0;

	if (local->family != AF_INET)
		return -EADDRNOTAVAIL;
	if (!item && !is_neighbour(peer))
		item = item_for_all();
	if (!item)
		*told = *local;
	else if (item->name)
		error = board_name_read(engine->board, (size_t)(item - items), told);
	else
		*told = item->address;
	/* A worker in somebody else's hands may have written to the board. */
	if (error < 0 || !passive_address_is_tellable(told))
		return -EADDRNOTAVAIL;
	told->port = local->port;
	return 0;
}
