#include "supervisor/log_file.h"

#include "common/log.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int log_file_open(const struct config *config)
{
	int file, error;

	if (config->log_to != LOG_TO_FILE)
		return 0;
	file = open(config->log_file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0640);
	error = file < 0 ? -errno : log_adopt(file);
	if (file >= 0)
		close(file);
	if (error < 0)
		log_error("log: cannot open the file", "file=\"%s\" error=\"%s\"", config->log_file,
			strerror(-error));
	return error;
}
