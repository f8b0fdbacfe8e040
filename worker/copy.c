#include "worker/copy.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

enum { CHUNK = 8 * 1024 * 1024, BUFFER = 256 * 1024 };

struct copy {
	int from, to;
	off_t offset;
	bool ends_in_hole;
	char *buffer; /* once the kernel has refused to do it alone */
};

static int write_all(int to, const char *bytes, size_t length)
{
	while (length > 0) {
		ssize_t written = write(to, bytes, length);

		if (written < 0 && errno != EINTR)
			return -errno;
		if (written > 0) {
			bytes += written;
			length -= (size_t)written;
		}
	}
	return 0;
}

static ssize_t copy_by_hand(struct copy *copy, size_t want)
{
	ssize_t got = pread(copy->from, copy->buffer, want < BUFFER ? want : BUFFER, copy->offset);
	int error;

	if (got == 0)
		return -EIO;
	if (got < 0)
		return errno == EINTR ? 0 : -errno;
	error = write_all(copy->to, copy->buffer, (size_t)got);
	copy->offset += got;
	return error < 0 ? error : got;
}

/* Whatever the kernel has against it (another file system, one that cannot, a quota), reading and
 * writing either works or says plainly what is wrong. */
static ssize_t copy_some(struct copy *copy, size_t want)
{
	ssize_t done;

	if (copy->buffer)
		return copy_by_hand(copy, want);
	done = copy_file_range(copy->from, &copy->offset, copy->to, NULL, want, 0);
	if (done > 0 || (done < 0 && errno == EINTR))
		return done > 0 ? done : 0;
	copy->buffer = malloc(BUFFER);
	return copy->buffer ? 0 : -ENOMEM;
}

/* ---- holes: a sparse file's copy takes no more room than it, and no time for what is not there
 * ---- */

/* How far the hole (SEEK_DATA: to the next bytes) or the bytes (SEEK_HOLE) at the offset reach, at
 * most so far; 0 when that is unknown, or there are none. */
static int64_t reach(const struct copy *copy, int whence, int64_t most)
{
	off_t end = lseek(copy->from, copy->offset, whence);

	if (end < 0 && errno == ENXIO && whence == SEEK_DATA)
		end = lseek(copy->from, 0, SEEK_END);
	if (end <= copy->offset)
		return 0;
	return end - copy->offset < most ? end - copy->offset : most;
}

static ssize_t skip(struct copy *copy, int64_t length)
{
	if (lseek(copy->to, length, SEEK_CUR) < 0)
		return -errno;
	copy->offset += length;
	copy->ends_in_hole = true;
	return length;
}

static ssize_t copy_next(struct copy *copy, int64_t count)
{
	int64_t hole = reach(copy, SEEK_DATA, count);
	int64_t bytes = hole > 0 ? 0 : reach(copy, SEEK_HOLE, count < CHUNK ? count : CHUNK);

	if (hole > 0)
		return skip(copy, hole);
	copy->ends_in_hole = false;
	if (bytes == 0)
		bytes = count < CHUNK ? count : CHUNK;
	return copy_some(copy, (size_t)bytes);
}

/* What was passed over at the end is part of the file. */
static int end_hole(const struct copy *copy)
{
	off_t end = copy->ends_in_hole ? lseek(copy->to, 0, SEEK_CUR) : 0;

	if (end < 0 || (end > 0 && ftruncate(copy->to, end) < 0))
		return -errno;
	return 0;
}

int copy_bytes(int from, int64_t offset, int to, int64_t count, int (*stop)(void *context),
	void *context, _Atomic uint64_t *progress)
{
	struct copy copy = {.from = from, .to = to, .offset = offset};
	int error = 0;

	while (count > 0) {
		ssize_t done;

		error = stop ? stop(context) : 0;
		if (error != 0)
			break;
		done = copy_next(&copy, count);
		if (done < 0) {
			error = (int)done;
			break;
		}
		count -= done;
		if (progress)
			atomic_fetch_add_explicit(progress, (uint64_t)done, memory_order_relaxed);
	}
	free(copy.buffer);
	return error == 0 ? end_hole(&copy) : error;
}
