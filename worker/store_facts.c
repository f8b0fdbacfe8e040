#include "worker/store_facts.h"

#include "worker/store_refusal.h"

#include <errno.h>

int store_facts_take(struct store_file *file, const struct stat *status)
{
	if (!S_ISREG(status->st_mode) && !S_ISDIR(status->st_mode))
		return store_refusal_kind();
	*file = (struct store_file){.descriptor = -1,
		.directory = S_ISDIR(status->st_mode),
		.mode = status->st_mode & 07777,
		.links = (uint32_t)status->st_nlink,
		.uid = status->st_uid,
		.gid = status->st_gid,
		.device = status->st_dev,
		.inode = status->st_ino,
		.size = status->st_size,
		.mtime = status->st_mtim.tv_sec};
	return 0;
}

int store_facts_look(struct store_file *file, int descriptor)
{
	struct stat status;

	return fstat(descriptor, &status) < 0 ? -errno : store_facts_take(file, &status);
}
