#include "herald/source.h"

#include "common/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ROOM_WORTH_FREEING = 1 << 20 };

/* ---- opening ---- */

/* What was given back to the disk holds nothing. */
static int64_t find_data(int file)
{
	off_t data = lseek(file, 0, SEEK_DATA);

	return data > 0 ? data : 0;
}

struct source *source_open(int directory, const char *name, const char *boot, uint64_t told)
{
	struct source *source = calloc(1, sizeof(*source));
	int file = openat(directory, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	if (source)
		source->bytes = malloc(SOURCE_BUFFER);
	if (file < 0 || !source || !source->bytes) {
		int error = errno;

		if (file >= 0)
			close(file);
		if (source)
			free(source->bytes);
		free(source);
		errno = error;
		return NULL;
	}
	strcpy(source->name, name);
	source->file = file;
	source->old_boot = strncmp(name, boot, EVENT_RAW_BOOT) != 0;
	source->told = told;
	source->read_at = source->freed = find_data(file);
	return source;
}

void source_close(struct source *source)
{
	struct pending *pending = source->pending, *next;

	for (; pending; pending = next) {
		next = pending->next;
		free(pending);
	}
	close(source->file);
	free(source->bytes);
	free(source);
}

void source_look(struct source *source)
{
	if (!source->dead)
		source->dead = flock(source->file, LOCK_EX | LOCK_NB) == 0;
}

/* ---- reading ---- */

static int announce(struct source *source, const struct event *event, int64_t at)
{
	struct pending *pending = pending_new(event, at, source->old_boot);

	if (!pending)
		return -ENOMEM;
	pending->previous = source->last;
	if (source->last)
		source->last->next = pending;
	else
		source->pending = pending;
	source->last = pending;
	return 0;
}

static void take_off(struct source *source, struct pending *pending)
{
	if (pending->previous)
		pending->previous->next = pending->next;
	else
		source->pending = pending->next;
	if (pending->next)
		pending->next->previous = pending->previous;
	else
		source->last = pending->previous;
	free(pending);
}

static void conclude(struct source *source, const struct event *event, int64_t behind)
{
	struct pending *pending = source->last; /* it is mostly near */
	int64_t order = source->old_boot ? event->head.unix_ms : event->head.tick_ns;

	while (pending && (pending->event.head.number != event->head.number ||
				  pending->state != PENDING_OPEN))
		pending = pending->previous;
	/* Its intent may have gone with what was given back to the disk. */
	if (!pending)
		return;
	pending->state = event->head.kind == EVENT_COMMIT ? PENDING_COMMITTED : PENDING_GIVEN_UP;
	if (order < source->last_order)
		order = source->last_order;
	source->last_order = pending->order = order;
	pending->unix_ms = event->head.unix_ms;
	pending->position = (uint64_t)behind;
}

/* What stands there is half of a record. If a whole one follows, it stays one: records do not
 * overtake each other, and no client's bytes can look like one, since they have no NUL. */
static size_t length_of_torn(const char *bytes, size_t left)
{
	size_t length = event_skip(bytes, left);
	struct event event;

	return length < left && event_read(bytes + length, left - length, &event) > 0 ? length : 0;
}

/* The records in the buffer. How many bytes they took; the rest may become one. */
static ssize_t take_records(struct source *source)
{
	size_t done = 0;
	struct event event;
	int error = 0;

	while (done < source->used && error == 0) {
		const char *bytes = source->bytes + done;
		size_t left = source->used - done;
		ssize_t length = event_read(bytes, left, &event);

		if (length == 0 && (length = (ssize_t)length_of_torn(bytes, left)) > 0) {
			done += (size_t)length;
			continue;
		}
		if (length == 0)
			break;
		if (length < 0) {
			done += event_skip(bytes, left);
			continue;
		}
		if (event.head.kind == EVENT_INTENT)
			error = announce(source, &event, source->read_at + (int64_t)done);
		else
			conclude(source, &event, source->read_at + (int64_t)done + length);
		done += (size_t)length;
	}
	return error < 0 ? error : (ssize_t)done;
}

/* A record that was cut short looks like one that is still coming, until so much has come that it
 * would have to be whole; of a dead writer nothing comes. */
static void skip_torn(struct source *source)
{
	size_t skipped = event_skip(source->bytes, source->used);

	source->used -= skipped;
	memmove(source->bytes, source->bytes + skipped, source->used);
	source->read_at += (int64_t)skipped;
}

int source_read(struct source *source)
{
	for (;;) {
		ssize_t got = pread(source->file, source->bytes + source->used,
			SOURCE_BUFFER - source->used, source->read_at + (int64_t)source->used);
		ssize_t done;

		if (got < 0)
			return -errno;
		source->used += (size_t)got;
		done = take_records(source);
		if (done < 0)
			return (int)done;
		source->used -= (size_t)done;
		memmove(source->bytes, source->bytes + done, source->used);
		source->read_at += done;
		if (got == 0 && source->dead && source->used > 0)
			skip_torn(source);
		else if (got == 0)
			return 0;
	}
}

/* ---- what is done ---- */

void source_settle(struct source *source)
{
	struct pending *pending = source->pending, *next;

	for (; pending; pending = next) {
		next = pending->next;
		if (pending->state == PENDING_GIVEN_UP ||
			(pending->state == PENDING_COMMITTED && pending->position <= source->told))
			take_off(source, pending);
	}
}

/* Holes keep the offsets as they are. Where the file system knows none, the file grows until its
 * worker ends. */
void source_free_room(struct source *source)
{
	int64_t needed = source->pending ? source->pending->at : source->read_at;

	if (source->dead || needed - source->freed < ROOM_WORTH_FREEING)
		return;
	(void)fallocate(source->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, source->freed,
		needed - source->freed);
	source->freed = needed;
}
