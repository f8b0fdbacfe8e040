#include "authenticator/roots.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { RACE_TRIES = 16 };

static size_t top_count(const struct roots *roots)
{
	return roots->config->account_roots.count + 1;
}

static const char *top_name(const struct roots *roots, size_t i)
{
	return i == 0 ? roots->config->root : roots->config->account_roots.items[i - 1];
}

int roots_open(struct roots *roots, const struct config *config, const char **which)
{
	*roots = (struct roots){.config = config};
	roots->tops = calloc(top_count(roots), sizeof(roots->tops[0]));
	*which = "memory";
	if (!roots->tops)
		return -ENOMEM;
	for (size_t i = 0; i < top_count(roots); i++) {
		*which = top_name(roots, i);
		roots->tops[i] = open(*which, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (roots->tops[i] < 0)
			return -errno;
	}
	return 0;
}

void roots_close(struct roots *roots)
{
	for (size_t i = 0; roots->tops && i < top_count(roots); i++) {
		if (roots->tops[i] > 0)
			close(roots->tops[i]);
	}
	free(roots->tops);
	roots->tops = NULL;
}

/* glibc has no wrapper for openat2(2). EAGAIN: a rename crossed the way, try again. */
static int open_below(int top, const char *path)
{
	struct open_how how = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS};
	long descriptor = -1;

	for (int i = 0; i < RACE_TRIES; i++) {
		descriptor = syscall(SYS_openat2, top, path, &how, sizeof(how));
		if (descriptor >= 0 || errno != EAGAIN)
			break;
	}
	return descriptor < 0 ? -errno : (int)descriptor;
}

/* What is left of the path below the top; NULL when it is not written so. */
static const char *rest_below(const char *path, const char *top)
{
	size_t length = strlen(top);

	while (length > 0 && top[length - 1] == '/')
		length--;
	if (strncmp(path, top, length) != 0 || (path[length] != '/' && path[length] != '\0'))
		return NULL;
	path += length;
	path += strspn(path, "/");
	return *path == '\0' ? "." : path;
}

int roots_find(const struct roots *roots, const char *path)
{
	int found = -EXDEV;

	if (path[0] == '\0')
		return open_below(roots->tops[0], ".");
	for (size_t i = 0; i < top_count(roots) && found == -EXDEV; i++) {
		const char *rest = rest_below(path, top_name(roots, i));

		if (rest)
			found = open_below(roots->tops[i], rest);
	}
	return found;
}
