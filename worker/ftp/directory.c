#include "worker/ftp/directory.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Kept as text, and not at all while it is the root: a session that idles costs no path. */
void directory_current(const struct ftp *ftp, struct vpath *directory)
{
	vpath_root(directory);
	if (ftp->directory) {
		int error = vpath_resolve(directory, NULL, ftp->directory, strlen(ftp->directory));

		assert(error == 0);
	}
}

int directory_change(struct ftp *ftp, const struct vpath *directory)
{
	char *text = directory->length > 1 ? strdup(directory->text) : NULL;

	if (!text && directory->length > 1)
		return -ENOMEM;
	free(ftp->directory);
	ftp->directory = text;
	return 0;
}

int directory_resolve(const struct ftp *ftp, struct vpath *path, const char *text, size_t length)
{
	struct vpath directory;

	directory_current(ftp, &directory);
	return vpath_resolve(path, &directory, text, length);
}
