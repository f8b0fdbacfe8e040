#include "supervisor/users_probe.h"

#include "common/users_file.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_FAULTS = 1 };

/* In the child. Accounts that a listener names have to be there. */
static void check_listeners(
	const struct config *config, const struct users_file *file, struct complaints *complaints)
{
	for (size_t i = 0; i < config->listener_count; i++) {
		const struct config_listener *listener = &config->listeners[i];

		if (listener->account[0] != '\0' && !users_file_find(file, listener->account))
			complain(complaints,
				config_origin(config, "listener", listener->name, "account"),
				"there is no account \"%s\" in %s; `ftpctl user add %s` makes one",
				listener->account, config->users, listener->account);
	}
}

static int try_file(const struct config *config, FILE *to)
{
	struct complaints complaints = {.to = to};
	struct users_file file;
	struct stat status;
	int error = users_file_read(&file, config->users, &status, &complaints);

	if (error < 0 && error != -ENOENT)
		complain(&complaints, (struct origin){config->users, 0},
			"cannot be read: %s; let the service's user read it (chgrp, chmod 0640)",
			strerror(-error));
	check_listeners(config, &file, &complaints);
	users_file_free(&file);
	fflush(to);
	return complaints.count > 0 ? EXIT_FAULTS : 0;
}

void users_probe(const struct config *config, struct complaints *complaints)
{
	pid_t child;
	int status = 0;

	if (!config_asks(config, "file") || config->users[0] == '\0')
		return;
	fflush(complaints->to);
	child = fork();
	if (child == 0)
		_exit(try_file(config, complaints->to));
	while (child > 0 && waitpid(child, &status, 0) < 0 && errno == EINTR)
		continue;
	if (child < 0 || !WIFEXITED(status))
		complain(complaints, (struct origin){config->users, 0},
			"the child that was to read it died");
	else if (WEXITSTATUS(status) != 0)
		complaints->count++; /* told by the child */
}
