#include "worker/upload_target.h"

#include <errno.h>

int upload_target_look(const struct store_place *place, struct stat *status)
{
	int error = store_place_look(place, status);

	if (error < 0)
		return error == -ENOENT ? 0 : error;
	if (S_ISDIR(status->st_mode))
		return -EISDIR;
	return S_ISREG(status->st_mode) || S_ISLNK(status->st_mode) ? 1 : -EEXIST;
}
