#include "worker/quota_count.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { DEEPEST = 512 };

struct ledger_use quota_count_one(const struct stat *status)
{
	if (S_ISREG(status->st_mode))
		return (struct ledger_use){status->st_size, 1};
	return (struct ledger_use){0, S_ISDIR(status->st_mode) || S_ISLNK(status->st_mode)};
}

static int count_below(int directory, const char *name, struct ledger_use *use, int depth);

static int count_entry(int directory, const char *name, struct ledger_use *use, int depth)
{
	struct ledger_use one;
	struct stat status;

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return 0;
	if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	one = quota_count_one(&status);
	use->bytes += one.bytes;
	use->files += one.files;
	return S_ISDIR(status.st_mode) ? count_below(directory, name, use, depth + 1) : 0;
}

static int count_names(DIR *stream, struct ledger_use *use, int depth)
{
	const struct dirent *entry;
	int error = 0;

	while (error == 0) {
		errno = 0;
		entry = readdir(stream);
		if (!entry)
			return -errno;
		error = count_entry(dirfd(stream), entry->d_name, use, depth);
	}
	return error;
}

static int count_below(int directory, const char *name, struct ledger_use *use, int depth)
{
	int inside = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *stream = inside < 0 ? NULL : fdopendir(inside);
	int error = errno;

	if (!stream) {
		if (inside >= 0)
			close(inside);
		return error == EACCES || error == ENOENT ? 0 : -error;
	}
	error = depth < DEEPEST ? count_names(stream, use, depth) : -ELOOP;
	closedir(stream);
	return error;
}

int quota_count(int root, struct ledger_use *use)
{
	*use = (struct ledger_use){0};
	return count_below(root, ".", use, 0);
}

int quota_count_again(struct ledger *ledger, int root, struct ledger_use *use)
{
	struct stat status;
	int tree, error;

	if (fstat(root, &status) < 0)
		return -errno;
	tree = ledger_add(ledger, &(struct ledger_key){status.st_dev, status.st_ino});
	if (tree < 0)
		return tree;
	error = ledger_take(ledger, tree);
	if (error < 0)
		return error;
	error = quota_count(root, use);
	if (error == 0)
		ledger_set(ledger, tree, *use);
	ledger_give(ledger, tree);
	return error;
}
