#include "common/event.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <time.h>
#include <zlib.h>

enum { MAGIC = 0x31765046, CHECKED_FROM = offsetof(struct event_head, length) };

/* ---- writing ---- */

static int64_t nanoseconds(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static uint32_t checksum_of(const struct iovec *pieces, int count)
{
	const unsigned char *head = pieces[0].iov_base;
	uLong sum = crc32(0, head + CHECKED_FROM, sizeof(struct event_head) - CHECKED_FROM);

	for (int i = 1; i < count; i++)
		sum = crc32(sum, pieces[i].iov_base, (uInt)pieces[i].iov_len);
	return (uint32_t)sum;
}

/* Head, facts, and each text with its NUL. How many. */
static int list_pieces(struct event *event, struct iovec pieces[2 + EVENT_TEXTS])
{
	int count = 0;

	pieces[count++] = (struct iovec){&event->head, sizeof(event->head)};
	if (event->head.kind != EVENT_INTENT)
		return count;
	pieces[count++] = (struct iovec){&event->facts, sizeof(event->facts)};
	for (int i = 0; i < EVENT_TEXTS; i++) {
		void *text = (void *)(uintptr_t)event->texts[i];

		pieces[count++] = (struct iovec){text, strlen(event->texts[i]) + 1};
	}
	return count;
}

int event_write(int file, struct event *event)
{
	struct iovec pieces[2 + EVENT_TEXTS];
	int count = list_pieces(event, pieces);
	size_t length = 0;
	ssize_t written;

	for (int i = 0; i < count; i++)
		length += pieces[i].iov_len;
	if (length > EVENT_LONGEST)
		return -ENAMETOOLONG;
	event->head.magic = MAGIC;
	event->head.length = (uint32_t)length;
	event->head.tick_ns = nanoseconds(CLOCK_MONOTONIC);
	event->head.unix_ms = nanoseconds(CLOCK_REALTIME) / 1000000;
	event->head.checksum = checksum_of(pieces, count);
	written = writev(file, pieces, count);
	if (written < 0)
		return -errno;
	return (size_t)written == length ? 0 : -ENOSPC;
}

/* ---- reading ---- */

/* The texts of an intent, which fill the record to its last byte. A worker that was broken into
 * may have written it. */
static int read_texts(const char *bytes, size_t length, struct event *event)
{
	static const size_t longest[] = {[EVENT_USER] = NAME_MAX,
		[EVENT_SHA256] = 64,
		[EVENT_PATH] = PATH_MAX,
		[EVENT_DIRECTORY] = PATH_MAX,
		[EVENT_NAME] = NAME_MAX,
		[EVENT_PARTIAL] = NAME_MAX};

	for (int i = 0; i < EVENT_TEXTS; i++) {
		const char *end = memchr(bytes, '\0', length);

		if (!end || (size_t)(end - bytes) > longest[i])
			return -EBADMSG;
		event->texts[i] = bytes;
		length -= (size_t)(end + 1 - bytes);
		bytes = end + 1;
	}
	return length == 0 ? 0 : -EBADMSG;
}

static int read_body(const char *bytes, struct event *event)
{
	size_t fixed = sizeof(event->head) + sizeof(event->facts);

	if (event->head.kind == EVENT_COMMIT || event->head.kind == EVENT_ABORT)
		return event->head.length == sizeof(event->head) ? 0 : -EBADMSG;
	if (event->head.kind != EVENT_INTENT || event->head.length < fixed)
		return -EBADMSG;
	memcpy(&event->facts, bytes + sizeof(event->head), sizeof(event->facts));
	return read_texts(bytes + fixed, event->head.length - fixed, event);
}

ssize_t event_read(const char *bytes, size_t length, struct event *event)
{
	static const char *const nothing = "";
	const struct event_head *head = &event->head;

	if (length < sizeof(*head))
		return 0;
	memcpy(&event->head, bytes, sizeof(*head));
	for (int i = 0; i < EVENT_TEXTS; i++)
		event->texts[i] = nothing;
	if (head->magic != MAGIC || head->length < sizeof(*head) || head->length > EVENT_LONGEST)
		return -EBADMSG;
	if (length < head->length)
		return 0;
	if (head->checksum !=
		crc32(0, (const unsigned char *)bytes + CHECKED_FROM, head->length - CHECKED_FROM))
		return -EBADMSG;
	return read_body(bytes, event) < 0 ? -EBADMSG : (ssize_t)head->length;
}

size_t event_skip(const char *bytes, size_t length)
{
	static const uint32_t magic = MAGIC;
	const char *found =
		length > 1 ? memmem(bytes + 1, length - 1, &magic, sizeof(magic)) : NULL;

	if (found)
		return (size_t)(found - bytes);
	return length > sizeof(magic) ? length - sizeof(magic) + 1 : length > 0;
}

/* ---- files ---- */

static int64_t nanoseconds_of(const struct statx_timestamp *time)
{
	return time->tv_sec * 1000000000 + time->tv_nsec;
}

static int identify(int directory, const char *name, int flags, struct event_identity *identity)
{
	struct statx facts;

	if (statx(directory, name, flags, STATX_INO | STATX_SIZE | STATX_MTIME | STATX_BTIME,
		    &facts) < 0)
		return -errno;
	*identity = (struct event_identity){
		.device = makedev(facts.stx_dev_major, facts.stx_dev_minor),
		.inode = facts.stx_ino,
		.born_ns = facts.stx_mask & STATX_BTIME ? nanoseconds_of(&facts.stx_btime) : -1,
		.bytes = (int64_t)facts.stx_size,
		.changed_ns = nanoseconds_of(&facts.stx_mtime)};
	return 0;
}

int event_identify(int directory, const char *name, struct event_identity *identity)
{
	return identify(directory, name, AT_SYMLINK_NOFOLLOW, identity);
}

int event_identify_open(int file, struct event_identity *identity)
{
	return identify(file, "", AT_EMPTY_PATH, identity);
}

/* An inode's number is given again when its file is gone, but not its birth. Without that, what an
 * upload wrote last has to do. */
int event_same(const struct event_identity *a, const struct event_identity *b)
{
	if (a->device != b->device || a->inode != b->inode || a->born_ns != b->born_ns)
		return 0;
	return a->born_ns >= 0 || (a->bytes == b->bytes && a->changed_ns == b->changed_ns);
}
