#include "supervisor/status_socket.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 128 };

static void complain_path(const struct config *config, struct complaints *complaints,
	const char *what, const char *advice)
{
	complain(complaints, config_origin(config, "status", NULL, "path"),
		"status path %s: %s; %s", config->status_path, what, advice);
}

/* A directory in /tmp could be somebody else's trap: it must be ours. */
static bool directory_is_fit(const char *directory)
{
	struct stat status;

	if (lstat(directory, &status) < 0 || !S_ISDIR(status.st_mode))
		return false;
	return status.st_uid == geteuid() || status.st_uid == 0 ||
	       strncmp(directory, "/tmp/", 5) != 0;
}

static bool make_directory(const struct config *config, struct complaints *complaints)
{
	char *copy = strdup(config->status_path);
	const char *directory = copy ? dirname(copy) : "";
	bool personal = strncmp(directory, "/tmp/", 5) == 0;
	bool fine = copy && (mkdir(directory, personal ? 0700 : 0755) == 0 || errno == EEXIST);

	if (!fine)
		complain_path(config, complaints, strerror(errno),
			"its directory cannot be created; choose another path (-o status.path=…)");
	else if (!directory_is_fit(directory)) {
		complain_path(config, complaints, "its directory belongs to somebody else",
			"choose another path (-o status.path=…)");
		fine = false;
	}
	free(copy);
	return fine;
}

static void set_address(struct sockaddr_un *address, const char *path)
{
	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	strncpy(address->sun_path, path, sizeof(address->sun_path) - 1);
}

/* Does anybody answer there? Then *pid is his, 0 if it cannot be told. Only a refused connection is
 * proof that nobody does. */
static bool is_live(const struct sockaddr_un *address, pid_t *pid)
{
	int asker = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct ucred peer = {0};
	socklen_t size = sizeof(peer);
	bool live = asker < 0 ||
		    connect(asker, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
		    (errno != ECONNREFUSED && errno != ENOENT);

	if (asker >= 0) {
		(void)getsockopt(asker, SOL_SOCKET, SO_PEERCRED, &peer, &size);
		close(asker);
	}
	*pid = peer.pid > 0 ? peer.pid : 0;
	return live;
}

static bool make_room(const struct config *config, const struct sockaddr_un *address,
	struct complaints *complaints)
{
	struct stat status;
	pid_t pid;
	char what[80];

	if (lstat(address->sun_path, &status) < 0)
		return true;
	if (!S_ISSOCK(status.st_mode)) {
		complain_path(config, complaints, "something that is no socket is there",
			"remove it or choose another path");
		return false;
	}
	if (is_live(address, &pid)) {
		snprintf(what, sizeof(what), "a server answers there (pid %d)", (int)pid);
		complain_path(config, complaints, what,
			"stop it (ftpctl stop), or choose another path (-o status.path=…)");
		return false;
	}
	if (unlink(address->sun_path) == 0 || errno == ENOENT)
		return true;
	complain_path(config, complaints, strerror(errno),
		"an old socket is there and cannot be removed; remove it or choose another path");
	return false;
}

/* Born closed to all and opened when owner and mode are right. */
static int bind_socket(const struct config *config, const struct sockaddr_un *address)
{
	int listening = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t mask = umask(0777);
	int bound = listening < 0
			    ? -1
			    : bind(listening, (const struct sockaddr *)address, sizeof(*address));
	int error = errno;

	umask(mask);
	if (bound == 0 && lchown(address->sun_path, (uid_t)-1, config->status_gid) == 0 &&
		chmod(address->sun_path, config->status_mode) == 0 &&
		listen(listening, BACKLOG) == 0)
		return listening;
	if (bound == 0) {
		error = errno;
		unlink(address->sun_path);
	}
	if (listening >= 0)
		close(listening);
	return -error;
}

int status_socket_open(const struct config *config, struct complaints *complaints)
{
	struct sockaddr_un address;
	int listening;

	set_address(&address, config->status_path);
	if (!make_directory(config, complaints) || !make_room(config, &address, complaints))
		return -1;
	listening = bind_socket(config, &address);
	if (listening >= 0)
		return listening;
	complain_path(config, complaints, strerror(-listening),
		listening == -EPERM ? "to give it to a group you must be a member of that group"
				    : "choose another path (-o status.path=…)");
	return -1;
}
