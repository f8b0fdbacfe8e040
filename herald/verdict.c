#include "herald/verdict.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel named this path without links. A name with a / in it is none. */
static int open_directory(const char *path)
{
	struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};

	return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

bool verdict_stands(const struct pending *pending)
{
	const char *name = pending->event.texts[EVENT_NAME];
	struct event_identity found;
	int directory = open_directory(pending->event.texts[EVENT_DIRECTORY]);
	bool stands = directory >= 0 && !strchr(name, '/') &&
		      event_identify(directory, name, &found) == 0 &&
		      event_same(&found, &pending->event.facts.identity);

	if (directory >= 0)
		close(directory);
	return stands;
}
