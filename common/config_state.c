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

bool config_has_events(const struct config *config)
{
	return config->events || config->on_upload.count > 0;
}

static void check_events(const struct config *config, struct complaints *complaints)
{
	const char *option = config->on_upload.count > 0 ? "on_upload" : "events";
	struct origin origin = config_origin(config, "", NULL, option);
	const char *program = config->on_upload.count > 0 ? config->on_upload.items[0] : NULL;
	struct stat status;

	if (config_has_events(config) && config->state_directory[0] == '\0')
		complain(complaints, origin,
			"%s needs a place for the journal; set state_directory", option);
	if (!program)
		return;
	if (program[0] != '/')
		complain(complaints, origin,
			"on_upload: \"%s\" is not absolute; write it from / on", program);
	else if (stat(program, &status) < 0)
		complain(complaints, origin, "on_upload: \"%s\": %s", program, strerror(errno));
	else if (!S_ISREG(status.st_mode) || !(status.st_mode & 0111))
		complain(complaints, origin,
			"on_upload: \"%s\" is no program; name one that can be executed", program);
}

static void check_directory(const struct config *config, struct complaints *complaints)
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

void config_check_state(const struct config *config, struct complaints *complaints)
{
	check_directory(config, complaints);
	check_events(config, complaints);
}
