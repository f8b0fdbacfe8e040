#include "common/status_path.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
