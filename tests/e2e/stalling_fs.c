/* A read-only file system that stalls, for the tests: what a library on a dead NFS server is like.
 * Every name is that of a file of 64 KiB; its first letters say what it does:
 *
 *     open-…    an open(2) waits until the file system is released
 *     read-…    a read(2) does
 *     broken-…  a read fails (EIO)
 *     others    work
 *
 * The directory `lost` lists a name that nothing can be learned about (EIO).
 *
 * It is released by a line on its standard input, and ended by the end of it; says `stalled` on its
 * standard output whenever somebody begins to wait. No more than eight may wait at a time: libfuse
 * has ten threads. Usage: stalling_fs -f MOUNTPOINT. */
#define FUSE_USE_VERSION 31

#include <errno.h>
#include <fuse3/fuse.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_SIZE = 64 * 1024 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool released;

static bool begins_with(const char *path, const char *prefix)
{
	return strncmp(path + 1, prefix, strlen(prefix)) == 0;
}

static void stall(void)
{
	pthread_mutex_lock(&lock);
	if (!released) {
		puts("stalled");
		fflush(stdout);
	}
	while (!released)
		pthread_cond_wait(&changed, &lock);
	pthread_mutex_unlock(&lock);
}

static void release(void)
{
	pthread_mutex_lock(&lock);
	released = true;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
}

static void *obey(void *unused)
{
	char order;

	while (read(STDIN_FILENO, &order, 1) == 1)
		release();
	release();
	kill(getpid(), SIGTERM);
	return unused;
}

static void *do_init(struct fuse_conn_info *connection, struct fuse_config *config)
{
	pthread_t thread;

	(void)connection;
	config->kernel_cache = 1;
	if (pthread_create(&thread, NULL, obey, NULL) == 0)
		pthread_detach(thread);
	return NULL;
}

static int do_getattr(const char *path, struct stat *status, struct fuse_file_info *file)
{
	bool directory = strcmp(path, "/") == 0 || strcmp(path, "/lost") == 0;

	(void)file;
	if (begins_with(path, "lost/lost"))
		return -EIO;
	memset(status, 0, sizeof(*status));
	status->st_mode = directory ? S_IFDIR | 0755 : S_IFREG | 0444;
	status->st_nlink = 1;
	status->st_size = directory ? 0 : FILE_SIZE;
	return 0;
}

static int do_readdir(const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset,
	struct fuse_file_info *file, enum fuse_readdir_flags flags)
{
	static const char *const names[] = {"open-1", "read-1", "broken-1", "good"};

	(void)offset, (void)file, (void)flags;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		fill(buffer, names[i], NULL, 0, 0);
	if (strcmp(path, "/lost") == 0)
		fill(buffer, "lost-1", NULL, 0, 0);
	return 0;
}

static int do_open(const char *path, struct fuse_file_info *file)
{
	(void)file;
	if (begins_with(path, "open-"))
		stall();
	return 0;
}

static int do_read(
	const char *path, char *bytes, size_t size, off_t offset, struct fuse_file_info *file)
{
	(void)file;
	if (begins_with(path, "broken-"))
		return -EIO;
	if (begins_with(path, "read-"))
		stall();
	if (offset >= FILE_SIZE)
		return 0;
	if (size > (size_t)(FILE_SIZE - offset))
		size = (size_t)(FILE_SIZE - offset);
	memset(bytes, '#', size);
	return (int)size;
}

static const struct fuse_operations operations = {
	.init = do_init,
	.getattr = do_getattr,
	.readdir = do_readdir,
	.open = do_open,
	.read = do_read,
};

int main(int argc, char **argv)
{
	return fuse_main(argc, argv, &operations, NULL);
}
