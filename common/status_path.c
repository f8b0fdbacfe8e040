#include "common/status_path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

const char status_path_service[] = "/run/ftpool/status";

char *status_path_personal(char path[STATUS_PATH])
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");

	if (runtime && runtime[0] == '/' &&
		strlen(runtime) + sizeof("/ftpool/status") <= STATUS_PATH)
		snprintf(path, STATUS_PATH, "%s/ftpool/status", runtime);
	else
		snprintf(path, STATUS_PATH, "/tmp/ftpool-%u/status", (unsigned int)geteuid());
	return path;
}

int status_path_connect(const char *path, unsigned patience_seconds)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval patience = {.tv_sec = patience_seconds};
	int server;

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	strcpy(address.sun_path, path);
	server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (server < 0)
		return -errno;
	setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(server, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(server, (struct sockaddr *)&address, sizeof(address)) == 0)
		return server;

	int error = -errno;

	close(server);
	return error;
}
