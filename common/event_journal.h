/* The journal of upload events as it lies on the disk: a directory of segments, each named after
 * the first event in it, `00000000000000000042.jsonl`, which the herald alone writes and anybody
 * who may can read. A segment begins with a line that is none of an event; then each line is one,
 * as a JSON object that begins with its id: `{"id":42,…}`. Ids rise by one. Old segments vanish. */
#ifndef FTPOOL_COMMON_EVENT_JOURNAL_H
#define FTPOOL_COMMON_EVENT_JOURNAL_H

#include <stddef.h>
#include <stdint.h>

enum { EVENT_SEGMENT_NAME = 32, EVENT_LINE_LONGEST = 64 * 1024 };

char *event_segment_name(uint64_t first, char name[EVENT_SEGMENT_NAME]);

/* The numbers of all segments, rising, the caller's to free. Their count or -errno. */
int event_segments(int directory, uint64_t **firsts);

/* The id that a line begins with; 0: it is none of an event. */
uint64_t event_line_id(const char *line);

/* Reads events one after the other, from segment to segment. */
struct event_reader {
	int directory; /* the caller's */
	int segment;   /* -1: none is open */
	uint64_t first;
	uint64_t last; /* the event that was read last, or behind which to begin */
	char *bytes;
	size_t used, at;
};

/* Begins behind the event `since`. 0 or -ENOMEM. */
int event_reader_open(struct event_reader *reader, int directory, uint64_t since);
void event_reader_close(struct event_reader *reader);

/* 1 and the next event's line, its end (\n) taken off, until the next call; 0 when there is none
 * yet; or -errno. */
int event_reader_next(struct event_reader *reader, const char **line);

#endif
