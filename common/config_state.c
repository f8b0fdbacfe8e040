#include "common/config_origin.h"
#include "common/config_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* The start makes the directory, but not the one above it. */
static int look_above(const char *path)
{
	char *above = strdup(path);
	char *slash = above ? strrchr(above, '/') : NULL;
	struct stat status;
	int error = -ENOMEM;

	if (slash) {
		slash[slash == above] = '\0';
		error = stat(above, &status) < 0 ? -errno : S_ISDIR(status.st_mode) ? 0 : -ENOTDIR;
	}
	free(above);
	return error;
}

void config_check_state(const struct config *config, struct complaints *complaints)
{
	const char *path = config->state_directory;
	struct origin origin = config_origin(config, "", NULL, "state_directory");
	struct stat status;
	int error = 0;

	if (path[0] == '\0' || config->state_assumed ||
		config_is_faulty(config, "", NULL, "state_directory"))
		return;
	if (stat(path, &status) == 0)
		error = S_ISDIR(status.st_mode) ? 0 : -ENOTDIR;
	else
		error = errno == ENOENT ? look_above(path) : -errno;
	if (error < 0)
		complain(complaints, origin,
			"state_directory = \"%s\" neither is there nor can be made: %s; name "
			"another, or create the directory above it",
			path, strerror(-error));
}
