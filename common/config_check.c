#include "common/config_origin.h"
#include "common/config_table.h"
#include "common/board.h"
#include "common/cpus.h"
#include "common/passive_address.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static const uint32_t standard_ports[] = {
	[PROTOCOL_LGPQ] = 8888, [PROTOCOL_ECHO] = 7, [PROTOCOL_FTP] = 21};

/* ---- listeners ---- */

static uint32_t standard_port(const struct config_listener *listener)
{
	enum { FTPS_PORT = 990 };

	return listener->protocol == PROTOCOL_FTP && listener->tls == TLS_IMPLICIT
		       ? FTPS_PORT
		       : standard_ports[listener->protocol];
}

static void check_listener(const struct config *config, struct config_listener *listener,
	struct complaints *complaints)
{
	if (listener->port == 0)
		listener->port = standard_port(listener);
	if (address_parse(&listener->address, listener->host, (uint16_t)listener->port) < 0)
		complain(complaints, config_origin(config, "listener", listener->name, "address"),
			"address = \"%s\" is not an IPv4 or IPv6 address in digits; 0.0.0.0, "
			"127.0.0.1, :: or ::1 would be",
			listener->host);
	if (listener->reply[0] != '\0' && listener->protocol != PROTOCOL_ECHO)
		complain(complaints, config_origin(config, "listener", listener->name, "reply"),
			"reply belongs to protocol = echo; listener %s speaks %s", listener->name,
			config_protocol_name(listener->protocol));
}

static bool is_wildcard(const struct address *address)
{
	static const uint8_t nothing[16];

	return memcmp(address->host, nothing, sizeof(nothing)) == 0;
}

/* Would the second one's bind(2) fail because of the first? A wildcard takes its port from every
 * address of its family; IPv6 sockets are made for IPv6 alone. */
static bool collide(const struct address *a, const struct address *b)
{
	if (a->family == 0 || a->family != b->family || a->port != b->port)
		return false;
	return address_same_host(a, b) || is_wildcard(a) || is_wildcard(b);
}

static bool is_sound(const struct config *config, const struct config_listener *listener)
{
	return !config_is_faulty(config, "listener", listener->name, "port") &&
	       !config_is_faulty(config, "listener", listener->name, "address");
}

static void check_pairs(const struct config *config, struct complaints *complaints)
{
	char text[ADDRESS_TEXT];

	for (size_t i = 1; i < config->listener_count; i++) {
		for (size_t j = 0; j < i; j++) {
			const struct config_listener *a = &config->listeners[j];
			const struct config_listener *b = &config->listeners[i];

			if (is_sound(config, a) && is_sound(config, b) &&
				collide(&a->address, &b->address))
				complain(complaints,
					config_origin(config, "listener", b->name, "port"),
					"listeners %s and %s both want %s; give one of them "
					"another "
					"port",
					a->name, b->name, address_format(&b->address, text));
		}
	}
}

static void check_listeners(struct config *config, struct complaints *complaints)
{
	if (config->listener_count == 0)
		complain(complaints, (struct origin){config->file, 0},
			"there is no listener; write for example: listener lgpq { port = 8888 }");
	for (size_t i = 0; i < config->listener_count; i++)
		check_listener(config, &config->listeners[i], complaints);
	check_pairs(config, complaints);
}

/* ---- who ---- */

static const struct passwd *service_user(const struct config *config)
{
	const struct passwd *user;

	if (config->user[0] != '\0')
		return getpwnam(config->user);
	if (!config->change_user)
		return getpwuid(geteuid());
	user = getpwnam("ftpool");
	return user ? user : getpwnam("nobody");
}

static gid_t group_id(const struct config *config, const char *section, const char *name,
	gid_t standard, struct complaints *complaints)
{
	const struct group *group;

	if (name[0] == '\0')
		return standard;
	group = getgrnam(name);
	if (group)
		return group->gr_gid;
	complain(complaints, config_origin(config, section, NULL, "group"),
		"there is no group \"%s\"; create it (groupadd --system %s) or name another", name,
		name);
	return standard;
}

static void check_identity(struct config *config, struct complaints *complaints)
{
	const struct passwd *user;

	config->change_user = geteuid() == 0;
	config->uid = geteuid();
	config->gid = getegid();
	user = service_user(config);
	if (!user && (config->change_user || config->user[0] != '\0'))
		complain(complaints, config_origin(config, "", NULL, "user"),
			"there is no user \"%s\"; create it (useradd --system %s) or name another",
			config->user, config->user);
	if (user && config->change_user) {
		config->uid = user->pw_uid;
		config->gid = user->pw_gid;
	}
	config->gid = group_id(config, "", config->group, config->gid, complaints);
	config->status_gid =
		group_id(config, "status", config->status_group, config->gid, complaints);
}

/* ---- where ---- */

static void make_built_in_root(const struct config *config, struct complaints *complaints)
{
	if (mkdir(config->root, 0755) < 0) {
		if (errno != EEXIST)
			complain(complaints, (struct origin){config->root, 0},
				"cannot be created: %s; name a ROOT", strerror(errno));
		return;
	}
	if (config->change_user && chown(config->root, config->uid, config->gid) < 0)
		complain(complaints, (struct origin){config->root, 0},
			"cannot be given to the service's user: %s", strerror(errno));
}

static void check_directory(
	const char *root, const struct origin *origin, struct complaints *complaints)
{
	struct stat status;

	if (stat(root, &status) < 0)
		complain(complaints, *origin, "root = \"%s\": %s; create it or name another", root,
			strerror(errno));
	else if (!S_ISDIR(status.st_mode))
		complain(complaints, *origin, "root = \"%s\" is no directory; name one", root);
}

static void check_root(const struct config *config, struct complaints *complaints)
{
	struct origin origin = config_origin(config, "", NULL, "root");

	if (config_is_faulty(config, "", NULL, "root"))
		return;
	if (config->root_made && complaints->count == 0)
		make_built_in_root(config, complaints);
	if (config->root[0] == '\0')
		complain(complaints, origin, "root is empty; name the directory to serve");
	else
		check_directory(config->root, &origin, complaints);
}

static void check_anonymous_root(const struct config *config, struct complaints *complaints)
{
	struct origin origin = config_origin(config, "anonymous", NULL, "root");

	if (config->anonymous_root[0] != '\0' &&
		!config_is_faulty(config, "anonymous", NULL, "root"))
		check_directory(config->anonymous_root, &origin, complaints);
}

/* ---- passive ---- */

static bool is_twice(const struct passive_address *a, const struct passive_address *b)
{
	return a->for_all || b->for_all ? a->for_all && b->for_all
					: network_equal(&a->network, &b->network);
}

static void check_passive_address(const struct config *config, struct complaints *complaints)
{
	struct origin origin = config_origin(config, "passive", NULL, "address");
	const struct config_list *list = &config->passive_address;
	struct passive_address items[BOARD_NAMES];
	size_t count = 0;

	if (list->count > BOARD_NAMES)
		complain(complaints, origin, "address has %zu items; %d at most are right",
			list->count, BOARD_NAMES);
	for (size_t i = 0; i < list->count && i < BOARD_NAMES; i++) {
		const char *wrong = passive_address_read(&items[count], list->items[i]);

		if (wrong) {
			complain(complaints, origin, "address: \"%s\" %s", list->items[i], wrong);
			continue;
		}
		for (size_t j = 0; j < count; j++) {
			if (is_twice(&items[j], &items[count]))
				complain(complaints, origin,
					"address: \"%s\" is the second one for the same clients; "
					"keep one of them",
					list->items[i]);
		}
		count++;
	}
}

/* ---- the rest ---- */

/* The path without its last `parts` parts is a directory; else false with errno. */
static bool is_below_directory(const char *path, int parts)
{
	char *copy = strdup(path);
	struct stat status;
	int found;

	if (!copy)
		return false;
	while (parts-- > 0) {
		char *slash = strrchr(copy, '/');

		slash[slash == copy] = '\0';
	}
	found = stat(copy, &status);
	free(copy);
	if (found == 0 && !S_ISDIR(status.st_mode))
		errno = ENOTDIR;
	return found == 0 && S_ISDIR(status.st_mode);
}

static void check_log_file(const struct config *config, const char *option, const char *file,
	struct complaints *complaints)
{
	if (file[0] != '\0' && !config_is_faulty(config, "log", NULL, option) &&
		!is_below_directory(file, 1))
		complain(complaints, config_origin(config, "log", NULL, option),
			"%s = \"%s\": its directory: %s; create that or name another file", option,
			file, strerror(errno));
}

static void check_log(const struct config *config, struct complaints *complaints)
{
	check_log_file(config, "xferlog", config->log_xferlog, complaints);
	if (config->log_to != LOG_TO_FILE)
		return;
	check_log_file(config, "file", config->log_file, complaints);
	if (config->log_file[0] == '\0' && !config_is_faulty(config, "log", NULL, "file"))
		complain(complaints, config_origin(config, "log", NULL, "to"),
			"to = file needs the file's name; add for example: file = "
			"\"/var/log/ftpool/ftpool.log\"");
}

/* The start makes the socket's directory, but not the one above. */
static void check_status(const struct config *config, struct complaints *complaints)
{
	struct origin origin = config_origin(config, "status", NULL, "path");
	size_t longest = sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1;

	if (strlen(config->status_path) > longest)
		complain(complaints, origin, "path has %zu bytes; a socket's path has at most %zu",
			strlen(config->status_path), longest);
	else if (!is_below_directory(config->status_path, 1) &&
		 !is_below_directory(config->status_path, 2))
		complain(complaints, origin,
			"path = \"%s\": its directory: %s; create that or name another path",
			config->status_path, strerror(errno));
}

static bool is_loopback(const struct address *address)
{
	static const uint8_t six[16] = {[15] = 1};

	return address->family == AF_INET ? address->host[0] == 127
					  : memcmp(address->host, six, sizeof(six)) == 0;
}

static void check_metrics(const struct config *config, struct complaints *complaints)
{
	struct origin origin = config_origin(config, "status", NULL, "metrics_address");
	struct address address;

	if (address_parse(&address, config->metrics_host, (uint16_t)config->metrics_port) < 0)
		complain(complaints, origin, "metrics_address = \"%s\" is no address in digits",
			config->metrics_host);
	else if (!is_loopback(&address))
		complain(complaints, origin,
			"metrics_address = \"%s\" is no loopback address; 127.0.0.1 and ::1 are",
			config->metrics_host);
}

void config_check(struct config *config, struct complaints *complaints)
{
	if (config->workers == 0)
		config->workers = cpus_usable();
	check_listeners(config, complaints);
	config_check_tls(config, complaints);
	check_identity(config, complaints);
	check_passive_address(config, complaints);
	check_log(config, complaints);
	check_status(config, complaints);
	check_metrics(config, complaints);
	check_root(config, complaints);
	check_anonymous_root(config, complaints);
	config_check_bans(config, complaints);
	config_check_accounts(config, complaints);
	config_check_zones(config, complaints);
	config_check_state(config, complaints);
}
