#include "worker/lgpq/bare_end.h"

#include <string.h>

enum { NAME_LONGEST = 255, MARK = 2 };

static bool is_name(const char *bytes, size_t length)
{
	if (length == 0 || length > NAME_LONGEST)
		return false;
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)bytes[i];

		if (c <= ' ' || c == 0x7f)
			return false;
	}
	return true;
}

bool bare_is_request(const char *bytes, size_t length)
{
	if (length == 1)
		return bytes[0] == 'L' || bytes[0] == 'Q';
	return length > 2 && (bytes[0] == 'G' || bytes[0] == 'P') && bytes[1] == ' ' &&
	       is_name(bytes + 2, length - 2);
}

/* The mark, with nothing or a request behind it. */
static bool may_be_end(const char *bytes, size_t length)
{
	return length >= MARK && length <= BARE_HELD && bytes[0] == '#' && bytes[1] == '#' &&
	       (length == MARK || bare_is_request(bytes + MARK, length - MARK));
}

void bare_end_begin(struct bare_end *end, int64_t now_ms)
{
	end->last_ms = now_ms;
	end->begun = false;
	end->held = 0;
}

/* Lets go of what was kept back: it is content. */
static void release(struct bare_end *end, struct bare_piece *piece)
{
	memcpy(end->released, end->hold, end->held);
	piece->first = end->released;
	piece->first_length = end->held;
	end->held = 0;
}

static void hold(struct bare_end *end, const char *bytes, size_t length)
{
	memmove(end->hold + end->held, bytes, length);
	end->held += length;
}

/* How many bytes at the end of the burst may be the beginning of the mark. */
static size_t mark_at_tail(const char *burst, size_t length)
{
	if (length >= MARK && burst[length - 2] == '#' && burst[length - 1] == '#')
		return MARK;
	return length >= 1 && burst[length - 1] == '#';
}

/* Does what was held become, with this burst behind it, (still) a possible end? */
static bool extends_end(const struct bare_end *end, const char *burst, size_t length)
{
	char both[BARE_HELD];

	if (end->held == 0 || end->held + length > sizeof(both))
		return false;
	memcpy(both, end->hold, end->held);
	memcpy(both + end->held, burst, length);
	return may_be_end(both, end->held + length);
}

static struct bare_piece over(const char *request, size_t length)
{
	return (struct bare_piece){.request = request, .request_length = length, .over = true};
}

struct bare_piece bare_end_add(
	struct bare_end *end, const char *burst, size_t length, int64_t now_ms)
{
	bool paused = now_ms - end->last_ms >= BARE_PAUSE_MS;
	/* A file that is just "##" comes first and alone; on a far link its way here looks like a
	 * pause. Silence decides. */
	bool doubtful = !end->begun && length == MARK;
	struct bare_piece piece = {0};
	size_t tail;

	end->last_ms = now_ms;
	end->begun = true;
	if (paused && !doubtful && may_be_end(burst, length)) {
		piece = over(burst + MARK, length - MARK);
		release(end, &piece);
		return piece;
	}
	if (extends_end(end, burst, length)) {
		hold(end, burst, length);
		return piece;
	}
	release(end, &piece);
	tail = may_be_end(burst, length) ? length : mark_at_tail(burst, length);
	piece.second = burst;
	piece.second_length = length - tail;
	hold(end, burst + length - tail, tail);
	return piece;
}

int bare_end_wait_ms(const struct bare_end *end, int64_t now_ms)
{
	int64_t left = end->last_ms + BARE_SILENCE_MS - now_ms;

	if (!may_be_end(end->hold, end->held))
		return -1;
	return left > 0 ? (int)left : 0;
}

struct bare_piece bare_end_silence(struct bare_end *end, int64_t now_ms)
{
	if (bare_end_wait_ms(end, now_ms) != 0)
		return (struct bare_piece){0};
	return over(end->hold + MARK, end->held - MARK);
}

/* Behind the end nothing can follow: a possible mark is one. */
struct bare_piece bare_end_closed(struct bare_end *end)
{
	if (!may_be_end(end->hold, end->held))
		return (struct bare_piece){0};
	return over(end->hold + MARK, end->held - MARK);
}
