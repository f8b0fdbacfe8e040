#include "common/sealed_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int sealed_memory_new(const char *name, size_t size)
{
	int descriptor = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int error;

	if (descriptor < 0)
		return -errno;
	if (ftruncate(descriptor, (off_t)size) == 0 &&
		fcntl(descriptor, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
		return descriptor;
	error = -errno;
	close(descriptor);
	return error;
}

bool sealed_memory_is(int descriptor, size_t size)
{
	struct stat status;

	return fstat(descriptor, &status) == 0 && status.st_size == (off_t)size &&
	       (fcntl(descriptor, F_GET_SEALS) & F_SEAL_SHRINK);
}
