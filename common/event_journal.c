#include "common/event_journal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- segments ---- */

enum { DIGITS = 20, BUFFER = 4 * EVENT_LINE_LONGEST };

char *event_segment_name(uint64_t first, char name[EVENT_SEGMENT_NAME])
{
	snprintf(name, EVENT_SEGMENT_NAME, "%020" PRIu64 ".jsonl", first);
	return name;
}

/* 0: it is the name of none. */
static uint64_t number_of(const char *name)
{
	if (strspn(name, "0123456789") != DIGITS || strcmp(name + DIGITS, ".jsonl") != 0)
		return 0;
	return strtoull(name, NULL, 10);
}

static int by_number(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

	return (one > other) - (one < other);
}

static int collect(DIR *list, uint64_t **firsts)
{
	const struct dirent *entry;
	uint64_t *found = NULL;
	size_t count = 0;

	while ((entry = readdir(list))) {
		uint64_t number = number_of(entry->d_name);
		uint64_t *grown;

		if (number == 0)
			continue;
		grown = reallocarray(found, count + 1, sizeof(found[0]));
		if (!grown) {
			free(found);
			return -ENOMEM;
		}
		found = grown;
		found[count++] = number;
	}
	if (count > 0)
		qsort(found, count, sizeof(found[0]), by_number);
	*firsts = found;
	return (int)count;
}

int event_segments(int directory, uint64_t **firsts)
{
	int copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *list = copy < 0 ? NULL : fdopendir(copy);
	int result = -errno;

	*firsts = NULL;
	if (!list) {
		if (copy >= 0)
			close(copy);
		return result;
	}
	result = collect(list, firsts);
	closedir(list);
	return result;
}

uint64_t event_line_id(const char *line)
{
	static const char head[] = "{\"id\":";

	if (strncmp(line, head, sizeof(head) - 1) != 0)
		return 0;
	return strtoull(line + sizeof(head) - 1, NULL, 10);
}

/* ---- reading ---- */

int event_reader_open(struct event_reader *reader, int directory, uint64_t since)
{
	*reader = (struct event_reader){.directory = directory, .segment = -1, .last = since};
	reader->bytes = malloc(BUFFER);
	return reader->bytes ? 0 : -ENOMEM;
}

void event_reader_close(struct event_reader *reader)
{
	if (reader->segment >= 0)
		close(reader->segment);
	free(reader->bytes);
	reader->segment = -1;
	reader->bytes = NULL;
}

/* The segment to read next: the one that holds the next event, or the first behind it if that has
 * vanished. 0: there is none. */
static uint64_t choose(const struct event_reader *reader, const uint64_t *firsts, int count)
{
	uint64_t chosen = 0;

	for (int i = 0; firsts && i < count; i++) {
		if (firsts[i] <= reader->first)
			continue;
		if (chosen == 0 || firsts[i] <= reader->last + 1)
			chosen = firsts[i];
	}
	return chosen;
}

/* 1: a segment that was not read yet is open; 0: there is none; or -errno. */
static int open_next(struct event_reader *reader)
{
	char name[EVENT_SEGMENT_NAME];
	uint64_t *firsts, chosen;
	int count = event_segments(reader->directory, &firsts);
	int segment;

	if (count < 0)
		return count;
	chosen = choose(reader, firsts, count);
	free(firsts);
	if (chosen == 0)
		return 0;
	segment = openat(reader->directory, event_segment_name(chosen, name),
		O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (segment < 0 && errno != ENOENT)
		return -errno;
	if (reader->segment >= 0)
		close(reader->segment);
	reader->segment = segment;
	reader->first = chosen;
	reader->used = reader->at = 0;
	return 1;
}

/* 1: more is there; 0: not yet; or -errno. */
static int fill(struct event_reader *reader)
{
	ssize_t got;

	memmove(reader->bytes, reader->bytes + reader->at, reader->used - reader->at);
	reader->used -= reader->at;
	reader->at = 0;
	if (reader->segment < 0)
		return 0;
	/* No line is so long. */
	if (reader->used == BUFFER)
		reader->used = 0;
	got = read(reader->segment, reader->bytes + reader->used, BUFFER - reader->used);
	if (got > 0)
		reader->used += (size_t)got;
	return got < 0 ? -errno : got > 0;
}

/* The next whole line in the buffer, or NULL. */
static const char *take_line(struct event_reader *reader)
{
	char *line = reader->bytes + reader->at;
	char *end = memchr(line, '\n', reader->used - reader->at);

	if (!end)
		return NULL;
	*end = '\0';
	reader->at = (size_t)(end + 1 - reader->bytes);
	return line;
}

/* A newer segment is begun when the one before is done; what was added to that one meanwhile is
 * read before it. */
static int advance(struct event_reader *reader)
{
	struct event_reader next = *reader;
	int result = fill(reader);

	if (result != 0)
		return result;
	next = *reader;
	next.segment = -1;
	result = open_next(&next);
	if (result <= 0)
		return result;
	result = fill(reader);
	if (result != 0) {
		if (next.segment >= 0)
			close(next.segment);
		return result;
	}
	if (reader->segment >= 0)
		close(reader->segment);
	*reader = next;
	return 1;
}

int event_reader_next(struct event_reader *reader, const char **line)
{
	for (;;) {
		const char *next = take_line(reader);
		uint64_t id = next ? event_line_id(next) : 0;
		int result;

		if (id > reader->last) {
			reader->last = id;
			*line = next;
			return 1;
		}
		if (next)
			continue;
		result = advance(reader);
		if (result <= 0)
			return result;
	}
}
