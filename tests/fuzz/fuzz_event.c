/* What a worker that was broken into may have written for the herald: reading it ends, and whatever
 * passes for an event becomes a line of good JSON. */
#include "tests/fuzz/fuzz.h"

#include "herald/telling.h"

#include <assert.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static void tell(const struct event *event)
{
	static char line[EVENT_LINE_LONGEST];
	const struct telling telling = {.event = event,
		.unix_ms = event->head.unix_ms,
		.source = "00000000-0000000000000000.raw",
		.position = event->head.number};
	/* The herald counts: what a worker calls a number goes into no line. */
	size_t length = telling_make(line, (event->head.number & INT64_MAX) | 1, &telling);
	json_t *object;

	assert(length < sizeof(line) && line[length - 1] == '\n');
	assert(!memchr(line, '\n', length - 1));
	object = json_loadb(line, length, JSON_ALLOW_NUL, NULL);
	assert(object && json_is_string(json_object_get(object, "file")));
	json_decref(object);
}

static void read_all(const char *bytes, size_t left)
{
	struct event event;

	while (left > 0) {
		ssize_t length = event_read(bytes, left, &event);

		if (length > 0 && event.head.kind == EVENT_INTENT)
			tell(&event);
		if (length <= 0)
			length = (ssize_t)event_skip(bytes, left);
		assert(length > 0 && (size_t)length <= left);
		bytes += length;
		left -= (size_t)length;
	}
}

/* Checksums are hard to guess. */
static void seal(char *bytes, size_t size)
{
	struct event_head head;

	memcpy(&head, bytes, sizeof(head));
	head.magic = 0x31765046;
	head.length = (uint32_t)size;
	head.kind %= 4;
	memcpy(bytes, &head, sizeof(head));
	head.checksum = (uint32_t)crc32(0, (unsigned char *)bytes + 8, (uInt)size - 8);
	memcpy(bytes, &head, sizeof(head));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *bytes = malloc(size + 1);

	if (!bytes)
		return 0;
	memcpy(bytes, data, size);
	read_all(bytes, size);
	if (size >= sizeof(struct event_head)) {
		seal(bytes, size);
		read_all(bytes, size);
	}
	free(bytes);
	return 0;
}
