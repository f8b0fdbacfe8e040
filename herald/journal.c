#include "herald/journal.h"

#include "common/clock.h"
#include "common/config.h"
#include "common/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A segment is the eighth part of what is kept, by size and by age. */
enum { PARTS = 8, SEGMENT_SMALLEST = 16 * 1024, SEGMENT_LARGEST = 16 * 1024 * 1024 };

static const char fresh_name[] = "segment.new";

/* ---- positions ---- */

uint64_t journal_position(const struct journal *journal, const char *source)
{
	return (uint64_t)json_integer_value(json_object_get(journal->positions, source));
}

void journal_forget(struct journal *journal, const char *source)
{
	(void)json_object_del(journal->positions, source);
}

static void set_position(struct journal *journal, const char *source, uint64_t position)
{
	(void)json_object_set_new(journal->positions, source, json_integer((json_int_t)position));
}

/* "NAME:POSITION" */
static void note_source(struct journal *journal, const char *source)
{
	char name[64];
	const char *colon = source ? strrchr(source, ':') : NULL;

	if (!colon || (size_t)(colon - source) >= sizeof(name))
		return;
	memcpy(name, source, (size_t)(colon - source));
	name[colon - source] = '\0';
	set_position(journal, name, strtoull(colon + 1, NULL, 10));
}

static void note_line(struct journal *journal, const char *line)
{
	json_t *object = json_loads(line, JSON_ALLOW_NUL, NULL);
	uint64_t id = event_line_id(line);

	if (id > 0) {
		journal->next = id + 1;
		note_source(journal, json_string_value(json_object_get(object, "source")));
	} else if (json_is_object(json_object_get(object, "sources"))) {
		json_decref(journal->positions);
		journal->positions = json_incref(json_object_get(object, "sources"));
	}
	json_decref(object);
}

/* ---- opening ---- */

/* Reads a segment line by line; *whole is where its last whole line ends. */
static int read_segment(struct journal *journal, int64_t *whole)
{
	FILE *stream = fdopen(dup(journal->segment), "r");
	char *line = NULL;
	size_t room = 0;
	ssize_t length;

	*whole = 0;
	if (!stream)
		return -errno;
	while ((length = getline(&line, &room, stream)) > 0 && line[length - 1] == '\n') {
		line[length - 1] = '\0';
		note_line(journal, line);
		*whole += length;
	}
	free(line);
	fclose(stream);
	return 0;
}

static int open_segment(struct journal *journal, uint64_t first)
{
	char name[EVENT_SEGMENT_NAME];
	struct stat status;
	int error;

	journal->segment = openat(journal->directory, event_segment_name(first, name),
		O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	if (journal->segment < 0 || fstat(journal->segment, &status) < 0)
		return -errno;
	journal->first = journal->next = first;
	journal->begun_unix = status.st_ctim.tv_sec;
	error = read_segment(journal, &journal->bytes);
	if (error == 0 && ftruncate(journal->segment, journal->bytes) < 0)
		error = -errno;
	return error;
}

int journal_open(struct journal *journal, const struct config *config, int directory)
{
	uint64_t *firsts;
	int count;

	*journal = (struct journal){.config = config,
		.directory = directory,
		.segment = -1,
		.next = 1,
		.positions = json_object()};
	if (!journal->positions)
		return -ENOMEM;
	count = event_segments(directory, &firsts);
	if (count > 0)
		count = open_segment(journal, firsts[count - 1]);
	free(firsts);
	return count < 0 ? count : 0;
}

void journal_close(struct journal *journal)
{
	if (journal->segment >= 0)
		close(journal->segment);
	journal->segment = -1;
	json_decref(journal->positions);
	journal->positions = NULL;
}

/* ---- segments ---- */

int journal_sync(struct journal *journal)
{
	if (!journal->dirty || journal->config->sync == SYNC_NONE)
		return 0;
	if (fdatasync(journal->segment) < 0)
		return -errno;
	journal->dirty = false;
	return 0;
}

/* A whole segment with its first line, or none: positions are never lost between two. */
static int make_segment(struct journal *journal, int file)
{
	char name[EVENT_SEGMENT_NAME];
	char *positions = json_dumps(journal->positions, JSON_COMPACT);
	int length = positions ? dprintf(file, "{\"segment\":%ju,\"sources\":%s}\n",
					 (uintmax_t)journal->next, positions)
			       : -1;
	bool waits = journal->config->sync != SYNC_NONE;

	free(positions);
	if (length < 0 || (waits && fdatasync(file) < 0) ||
		renameat(journal->directory, fresh_name, journal->directory,
			event_segment_name(journal->next, name)) < 0 ||
		(waits && fsync(journal->directory) < 0))
		return -errno;
	return length;
}

static int begin_segment(struct journal *journal)
{
	int file = openat(journal->directory, fresh_name,
		O_RDWR | O_APPEND | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	int length = file < 0 ? -errno : make_segment(journal, file);

	if (length < 0) {
		if (file >= 0)
			close(file);
		return length;
	}
	if (journal->segment >= 0)
		close(journal->segment);
	journal->segment = file;
	journal->first = journal->next;
	journal->bytes = length;
	journal->begun_unix = clock_unix_seconds();
	return 0;
}

static int64_t segment_bytes(const struct journal *journal)
{
	uint64_t part = journal->config->events_size / PARTS;

	return part < SEGMENT_SMALLEST  ? SEGMENT_SMALLEST
	       : part > SEGMENT_LARGEST ? SEGMENT_LARGEST
					: (int64_t)part;
}

/* One with no event in it is no older for that. */
static bool is_full(const struct journal *journal)
{
	return journal->next > journal->first &&
	       (journal->bytes >= segment_bytes(journal) ||
		       clock_unix_seconds() - journal->begun_unix >=
			       journal->config->events_keep_seconds / PARTS);
}

/* Is that segment, with all events before `next`, one to be removed? */
static bool is_old(const struct journal *journal, const struct stat *status, uint64_t kept,
	uint64_t next, uint64_t had)
{
	if (kept > journal->config->events_size)
		return true;
	return next <= had + 1 && clock_unix_seconds() - status->st_mtim.tv_sec >
					  (int64_t)journal->config->events_keep_seconds;
}

static void remove_old(struct journal *journal, uint64_t had)
{
	uint64_t *firsts, kept = (uint64_t)journal->bytes;
	int count = event_segments(journal->directory, &firsts);

	for (int i = count - 2; i >= 0; i--) {
		char name[EVENT_SEGMENT_NAME];
		struct stat status;

		event_segment_name(firsts[i], name);
		if (fstatat(journal->directory, name, &status, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		kept += (uint64_t)status.st_size;
		if (!is_old(journal, &status, kept, firsts[i + 1], had))
			continue;
		if (firsts[i + 1] > had + 1)
			log_error("events: removed before on_upload had them", "first=%ju last=%ju",
				(uintmax_t)firsts[i], (uintmax_t)firsts[i + 1] - 1);
		(void)unlinkat(journal->directory, name, 0);
	}
	free(firsts);
}

void journal_turn(struct journal *journal, uint64_t had)
{
	int error;

	if (journal->segment < 0 || !is_full(journal))
		return;
	error = journal_sync(journal);
	if (error == 0)
		error = begin_segment(journal);
	if (error < 0)
		log_error("events: a segment cannot be begun", "error=\"%s\"", strerror(-error));
	else
		remove_old(journal, had);
}

/* ---- events ---- */

/* A line that a full disk cuts short is taken back. */
static int write_line(struct journal *journal, const char *line, size_t length)
{
	ssize_t written = write(journal->segment, line, length);
	int error = written < 0 ? -errno : -ENOSPC;

	if (written == (ssize_t)length) {
		journal->bytes += written;
		journal->dirty = true;
		return 0;
	}
	if (written > 0 && ftruncate(journal->segment, journal->bytes) < 0)
		error = -errno;
	return error;
}

int journal_add(struct journal *journal, const struct telling *telling)
{
	static char line[EVENT_LINE_LONGEST];
	size_t length = telling_make(line, journal->next, telling);
	int error = journal->segment < 0 ? begin_segment(journal) : 0;

	if (error == 0)
		error = write_line(journal, line, length);
	if (error < 0)
		return error;
	journal->next++;
	set_position(journal, telling->source, telling->position);
	return 0;
}
