#include "worker/root_probe.h"

#include "worker/contain.h"
#include "worker/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { EXIT_WRITABLE = 0, EXIT_READ_ONLY = 200 };

/* In the child. An errno fits an exit status: Linux has none above 133. */
static int try_root(const struct config *config, const char *root)
{
	struct store store;
	const char *what;
	int error = store_open(&store, root);

	if (error == 0)
		error = contain_identity(config, &what);
	if (error < 0)
		return -error;
	if (openat(store.root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) < 0)
		return errno;
	return faccessat(store.root, ".", W_OK | X_OK, AT_EACCESS) == 0 ? EXIT_WRITABLE
									: EXIT_READ_ONLY;
}

int root_probe(const struct config *config, const char *root, bool *writable)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		return -errno;
	if (child == 0)
		_exit(try_root(config, root));
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	if (!WIFEXITED(status))
		return -EIO;
	*writable = WEXITSTATUS(status) == EXIT_WRITABLE;
	return *writable || WEXITSTATUS(status) == EXIT_READ_ONLY ? 0 : -WEXITSTATUS(status);
}
