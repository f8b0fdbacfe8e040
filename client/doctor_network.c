#include "client/doctor_network.h"

#include "common/passive_address.h"

#include <ifaddrs.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool has_ftp(const struct config *config)
{
	for (size_t i = 0; i < config->listener_count; i++) {
		if (config->listeners[i].protocol == PROTOCOL_FTP)
			return true;
	}
	return false;
}

/* ---- addresses ---- */

static bool is_in(const struct address *address, const char *const *networks)
{
	for (; *networks; networks++) {
		struct network network;

		if (network_parse(&network, *networks) == 0 && network_contains(&network, address))
			return true;
	}
	return false;
}

static bool is_loopback(const struct address *address)
{
	static const char *const networks[] = {"127.0.0.0/8", "::1", NULL};

	return is_in(address, networks);
}

/* RFC 1918, RFC 6598 (a provider's own NAT), RFC 3927. */
static bool is_private(const struct address *address)
{
	static const char *const networks[] = {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",
		"100.64.0.0/10", "169.254.0.0/16", NULL};

	return is_in(address, networks);
}

/* Calls for each IPv4 address of this machine that is not loopback's; true as soon as that is. */
static bool any_own_address(bool (*is)(const struct address *own, const struct address *other),
	const struct address *other)
{
	struct ifaddrs *all = NULL;
	bool found = false;

	if (getifaddrs(&all) < 0)
		return false;
	for (const struct ifaddrs *one = all; one && !found; one = one->ifa_next) {
		struct sockaddr_storage socket_address = {0};
		struct address own;

		if (!one->ifa_addr || one->ifa_addr->sa_family != AF_INET)
			continue;
		memcpy(&socket_address, one->ifa_addr, sizeof(struct sockaddr_in));
		found = address_from_socket(&own, &socket_address) == 0 && !is_loopback(&own) &&
			is(&own, other);
	}
	freeifaddrs(all);
	return found;
}

static bool is_public(const struct address *own, const struct address *other)
{
	(void)other;
	return !is_private(own);
}

static bool is_any(const struct address *own, const struct address *other)
{
	(void)own;
	(void)other;
	return true;
}

static void judge_address(struct doctor *doctor, const char *place, const struct address *told)
{
	bool ours = any_own_address(address_same_host, told);
	char text[ADDRESS_TEXT];

	address_format_host(told, text);
	if (is_loopback(told))
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_FAULT, place,
				"clients connect to themselves for their data: listings and "
				"transfers hang",
				"name the address that clients know this machine by"},
			"passive.address %s is the loopback's", text);
	else if (is_private(told))
		doctor_find(doctor,
			(struct doctor_finding){ours ? DOCTOR_ADVICE : DOCTOR_FAULT, place,
				"clients beyond a router cannot connect there: listings and "
				"transfers hang",
				"name the outer address; \"NETWORK=ADDRESS\" tells those inside "
				"another"},
			"passive.address %s is private%s", text,
			ours ? "" : ", and none of this machine's");
	else if (!ours)
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_ADVICE, place,
				"it has to be that of a router which hands the passive ports on",
				"see that it does; and that it is the address of today"},
			"passive.address %s is none of this machine's", text);
	else
		doctor_note(doctor, "clients are told %s, which is ours", text);
}

static void judge_name(struct doctor *doctor, const char *place, const char *name)
{
	struct addrinfo hints = {.ai_family = AF_INET, .ai_socktype = SOCK_STREAM}, *found = NULL;
	struct sockaddr_storage first = {0};
	struct address told;
	int error = getaddrinfo(name, NULL, &hints, &found);

	if (error != 0) {
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_FAULT, place,
				"clients are told the address they have connected to, or an old "
				"one",
				"mend the name service, or write the address in digits"},
			"passive.address: the name %s has no IPv4 address: %s", name,
			gai_strerror(error));
		return;
	}
	memcpy(&first, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	if (address_from_socket(&told, &first) == 0)
		judge_address(doctor, place, &told);
}

/* Without one, clients are told the address they have connected to; a router's is another. */
static void judge_none(struct doctor *doctor)
{
	if (any_own_address(is_any, NULL) && !any_own_address(is_public, NULL))
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_ADVICE, "passive.address",
				"clients that come through a router are told an address they "
				"cannot reach",
				"if there are such clients, set passive.address to the outer one"},
			"all addresses of this machine are private, and no passive.address is set");
	else
		doctor_note(doctor, "clients are told the address they have connected to");
}

void doctor_check_passive_address(struct doctor *doctor)
{
	const struct config_list *list = &doctor->config->passive_address;
	char place[DOCTOR_PLACE];

	if (!has_ftp(doctor->config))
		return;
	doctor_place(place, doctor->config, "passive", NULL, "address");
	if (list->count == 0)
		judge_none(doctor);
	for (size_t i = 0; i < list->count; i++) {
		struct passive_address item;

		/* Those for one network are as private as the network. */
		if (passive_address_read(&item, list->items[i]) || !item.for_all)
			continue;
		if (item.name)
			judge_name(doctor, place, item.name);
		else
			judge_address(doctor, place, &item.address);
	}
}

/* ---- ports ---- */

static bool read_line(const char *path, char *line, int size)
{
	FILE *file = fopen(path, "re");
	bool got = file && fgets(line, size, file);

	if (file)
		fclose(file);
	return got;
}

/* "8080,9148-9150": is all of the range in one of these? */
static bool is_reserved(const struct config_ports *ports)
{
	char list[4096], *rest = list;

	if (!read_line("/proc/sys/net/ipv4/ip_local_reserved_ports", list, sizeof(list)))
		return false;
	for (const char *item = strsep(&rest, ",\n"); item; item = strsep(&rest, ",\n")) {
		unsigned int first, last;
		int count = sscanf(item, "%u-%u", &first, &last);

		if (count >= 1 && first <= ports->first &&
			(count == 2 ? last : first) >= ports->last)
			return true;
	}
	return false;
}

static void check_clash(struct doctor *doctor, const char *place)
{
	const struct config_ports *ports = &doctor->config->passive_ports;
	unsigned int first = 0, last = 0;
	char line[64];

	if (!read_line("/proc/sys/net/ipv4/ip_local_port_range", line, sizeof(line)) ||
		sscanf(line, "%u %u", &first, &last) != 2)
		return;
	if (ports->first <= last && ports->last >= first && !is_reserved(ports))
		doctor_find(doctor,
			(struct doctor_finding){DOCTOR_ADVICE, place,
				"the kernel gives those ports to whoever connects to somewhere: at "
				"times too few are left",
				"choose others, or reserve them: sysctl "
				"net.ipv4.ip_local_reserved_ports"},
			"passive.ports %u-%u clash with ip_local_port_range %u-%u", ports->first,
			ports->last, first, last);
}

static void check_count(struct doctor *doctor, const char *place)
{
	const struct config *config = doctor->config;
	unsigned int count = config->passive_ports.last - config->passive_ports.first + 1u;
	json_int_t sessions = json_integer_value(json_object_get(doctor->status, "sessions"));

	if (count < config->max_sessions)
		doctor_find(doctor,
			(struct doctor_finding){
				sessions >= (json_int_t)count ? DOCTOR_FAULT : DOCTOR_ADVICE, place,
				"a session that transfers keeps a port of its own; when all are "
				"taken, others get 425",
				"widen the range (and the firewall), or lower limits.sessions"},
			"%u passive ports for %u sessions", count, config->max_sessions);
	else
		doctor_note(doctor, "%u passive ports", count);
}

static void check_listeners(struct doctor *doctor, const char *place)
{
	const struct config_ports *ports = &doctor->config->passive_ports;

	for (size_t i = 0; i < doctor->config->listener_count; i++) {
		const struct config_listener *listener = &doctor->config->listeners[i];

		if (listener->port >= ports->first && listener->port <= ports->last)
			doctor_find(doctor,
				(struct doctor_finding){DOCTOR_FAULT, place,
					"a start may find the port taken by a transfer",
					"move one of the two"},
				"port %u of listener %s is among the passive ones", listener->port,
				listener->name);
	}
}

void doctor_check_passive_ports(struct doctor *doctor)
{
	char place[DOCTOR_PLACE];

	if (!has_ftp(doctor->config))
		return;
	if (doctor->config->passive_ports.last == 0) {
		doctor_note(doctor, "any port that the system gives; a firewall cannot know which");
		return;
	}
	doctor_place(place, doctor->config, "passive", NULL, "ports");
	check_count(doctor, place);
	check_clash(doctor, place);
	check_listeners(doctor, place);
}
