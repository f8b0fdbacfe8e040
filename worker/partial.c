#include "worker/partial.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { TRIES = 100 };

/* Of the open file, not of the process: two threads are two writers. */
static int lock(int descriptor)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

	if (fcntl(descriptor, F_OFD_SETLK, &whole) == 0)
		return 0;
	return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
}

/* The one who held the lock before may have renamed or removed the file between our open and our
 * lock: then the lock is on a file that is no longer the partial, even if we created it. */
int partial_open(const struct store_place *place, const char *partial, enum store_place_way way)
{
	for (int i = 0; i < TRIES; i++) {
		int descriptor = store_place_create(place, partial, way);
		int error = descriptor < 0 ? descriptor : lock(descriptor);

		if (error == 0 && store_place_holds(place, partial, descriptor))
			return descriptor;
		if (descriptor >= 0)
			close(descriptor);
		if (error < 0)
			return error;
	}
	return -EBUSY;
}

int partial_open_private(
	const struct store_place *place, char partial[PARTIAL_NAME], const char *name)
{
	int descriptor = -EBUSY;

	for (unsigned int i = 1; i <= PARTIAL_PRIVATE; i++) {
		partial_name_make_private(partial, name, i);
		descriptor = partial_open(place, partial, STORE_PLACE_FRESH);
		if (descriptor == -EEXIST && partial_remove(place, partial) == 0)
			descriptor = partial_open(place, partial, STORE_PLACE_FRESH);
		if (descriptor != -EEXIST && descriptor != -EBUSY)
			return descriptor;
	}
	return -EBUSY;
}

void partial_sweep_private(const struct store_place *place, const char *name)
{
	char partial[PARTIAL_NAME];
	int error = 0;

	for (unsigned int i = 1; i <= PARTIAL_PRIVATE && (error == 0 || error == -EBUSY); i++) {
		partial_name_make_private(partial, name, i);
		error = partial_remove(place, partial);
	}
}

int partial_remove(const struct store_place *place, const char *partial)
{
	int descriptor = partial_open(place, partial, STORE_PLACE_STANDING);
	int error;

	if (descriptor < 0)
		return descriptor;
	error = store_place_remove(place, partial);
	close(descriptor);
	return error;
}
