#include "client/localname.h"

#include "client/language.h"
#include "client/trouble.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

const char *localname_last(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool is_directory(const char *path)
{
	struct stat status;
	size_t length = strlen(path);

	if (length > 0 && path[length - 1] == '/')
		return true;
	return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

int localname_choose(char **path, const char *remote_name, const char *wish)
{
	const char *last = localname_last(remote_name);
	int length;

	*path = NULL;
	if (wish && !is_directory(wish)) {
		length = asprintf(path, "%s", wish);
	} else if (!*last || !strcmp(last, ".") || !strcmp(last, "..")) {
		return trouble_set(-EINVAL, _("this name is of no use for a local file"));
	} else if (wish) {
		const char *between = wish[strlen(wish) - 1] == '/' ? "" : "/";

		length = asprintf(path, "%s%s%s", wish, between, last);
	} else {
		length = asprintf(path, "%s", last);
	}
	return length < 0 ? trouble_set(-ENOMEM, "%s", strerror(ENOMEM)) : 0;
}
