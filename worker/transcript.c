#include "worker/transcript.h"

#include "common/clock.h"
#include "common/log.h"
#include "worker/session_activity.h"
#include "worker/trace.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A line in the ring: this, and its bytes. */
struct head {
	int64_t at_ms;
	uint16_t length;
	uint8_t side;
};

enum {
	HEAD = sizeof(int64_t) + sizeof(uint16_t) + sizeof(uint8_t),
	SIZE_FIRST = 512,
	SIZE_MOST = 16384, /* 64 of the longest lines */
	LOGGED_MOST = 10,  /* transcripts, in: */
	LOGGED_WINDOW_MS = 10000,
	CRIED = 8,
};

_Static_assert(TRANSCRIPT_LINES *(HEAD + TRANSCRIPT_LONGEST) <= SIZE_MOST, "they fit");

struct transcript {
	uint32_t size, start, used, lines;
	char bytes[];
};

/* ---- the ring ---- */

static void copy_in(struct transcript *ring, uint32_t at, const void *bytes, uint32_t length)
{
	uint32_t first = ring->size - at % ring->size;

	at %= ring->size;
	if (first > length)
		first = length;
	memcpy(ring->bytes + at, bytes, first);
	memcpy(ring->bytes, (const char *)bytes + first, length - first);
}

static void copy_out(const struct transcript *ring, uint32_t at, void *bytes, uint32_t length)
{
	uint32_t first = ring->size - at % ring->size;

	at %= ring->size;
	if (first > length)
		first = length;
	memcpy(bytes, ring->bytes + at, first);
	memcpy((char *)bytes + first, ring->bytes, length - first);
}

static struct head head_at(const struct transcript *ring, uint32_t at)
{
	char packed[HEAD];
	struct head head;

	copy_out(ring, at, packed, HEAD);
	memcpy(&head.at_ms, packed, sizeof(head.at_ms));
	memcpy(&head.length, packed + sizeof(head.at_ms), sizeof(head.length));
	head.side = (uint8_t)packed[HEAD - 1];
	return head;
}

static void drop_oldest(struct transcript *ring)
{
	uint32_t length = HEAD + head_at(ring, ring->start).length;

	ring->start = (ring->start + length) % ring->size;
	ring->used -= length;
	ring->lines--;
}

/* A ring twice as large with the same lines; the old one if there is no memory. */
static struct transcript *grow(struct transcript *ring)
{
	uint32_t size = ring ? 2 * ring->size : SIZE_FIRST;
	struct transcript *grown = malloc(sizeof(*grown) + size);

	if (!grown)
		return ring;
	*grown = (struct transcript){.size = size};
	if (ring) {
		grown->used = ring->used;
		grown->lines = ring->lines;
		copy_out(ring, ring->start, grown->bytes, ring->used);
	}
	free(ring);
	return grown;
}

static struct transcript *make_room(struct transcript *ring, uint32_t length)
{
	if (ring && ring->lines == TRANSCRIPT_LINES)
		drop_oldest(ring);
	while (!ring || (ring->size - ring->used < length && ring->size < SIZE_MOST)) {
		struct transcript *grown = grow(ring);

		if (grown == ring)
			break;
		ring = grown;
	}
	while (ring && ring->lines > 0 && ring->size - ring->used < length)
		drop_oldest(ring);
	return ring;
}

static void append(struct transcript *ring, const struct head *head, const char *line)
{
	char packed[HEAD];
	uint32_t end = ring->start + ring->used;

	memcpy(packed, &head->at_ms, sizeof(head->at_ms));
	memcpy(packed + sizeof(head->at_ms), &head->length, sizeof(head->length));
	packed[HEAD - 1] = (char)head->side;
	copy_in(ring, end, packed, HEAD);
	copy_in(ring, end + HEAD, line, head->length);
	ring->used += HEAD + head->length;
	ring->lines++;
}

/* ---- notes ---- */

/* At level debug the log has every line at once, as those who follow it have. */
static void tell_log(
	const struct session *session, enum transcript_side side, const char *line, size_t length)
{
	char name[SESSION_NAME], quoted[LOG_QUOTED];

	log_debug("session: line", "session=%s from=%s line=%s", session_name(session, name),
		side == FROM_CLIENT ? "client" : "server", log_quote(quoted, line, length));
}

void transcript_note(
	struct session *session, enum transcript_side side, const char *line, size_t length)
{
	struct head head = {.at_ms = clock_coarse_ms(),
		.length = length > TRANSCRIPT_LONGEST ? TRANSCRIPT_LONGEST : (uint16_t)length,
		.side = (uint8_t)side};

	pthread_mutex_lock(&session->transcript_lock);
	session->transcript = make_room(session->transcript, HEAD + head.length);
	if (session->transcript)
		append(session->transcript, &head, line);
	pthread_mutex_unlock(&session->transcript_lock);
	if (trace_is_wanted(session->engine))
		trace_tell(session, side, line, head.length);
	if (log_level() >= LOG_LEVEL_DEBUG)
		tell_log(session, side, line, head.length);
}

static uint32_t read_line(const struct transcript *ring, uint32_t at, struct transcript_line *line)
{
	struct head head = head_at(ring, at);

	line->at_ms = head.at_ms;
	line->side = head.side == FROM_CLIENT ? FROM_CLIENT : TO_CLIENT;
	line->length = head.length < TRANSCRIPT_LONGEST ? head.length : TRANSCRIPT_LONGEST;
	copy_out(ring, at + HEAD, line->text, (uint32_t)line->length);
	return at + HEAD + head.length;
}

void transcript_each(struct session *session,
	void (*take)(void *context, const struct transcript_line *line), void *context)
{
	struct transcript_line line;

	pthread_mutex_lock(&session->transcript_lock);
	if (session->transcript) {
		uint32_t at = session->transcript->start;

		for (uint32_t i = 0; i < session->transcript->lines; i++) {
			at = read_line(session->transcript, at, &line);
			take(context, &line);
		}
	}
	pthread_mutex_unlock(&session->transcript_lock);
}

void transcript_close(struct session *session)
{
	free(session->transcript);
	session->transcript = NULL;
}

/* ---- the log ---- */

/* Whoever makes sessions fail on purpose shall not fill the disk. */
static bool may_be_logged(void)
{
	static _Atomic int64_t since_ms;
	static _Atomic uint32_t count;
	int64_t now = clock_ms(), since = atomic_load(&since_ms);

	if (now - since >= LOGGED_WINDOW_MS &&
		atomic_compare_exchange_strong(&since_ms, &since, now))
		atomic_store(&count, 0);
	return atomic_fetch_add(&count, 1) < LOGGED_MOST;
}

static void log_line(void *context, const struct transcript_line *line)
{
	char name[SESSION_NAME], quoted[LOG_QUOTED];

	log_info("session: said", "session=%s ago_ms=%jd from=%s line=%s",
		session_name(context, name), (intmax_t)(clock_coarse_ms() - line->at_ms),
		line->side == FROM_CLIENT ? "client" : "server",
		log_quote(quoted, line->text, line->length));
}

void transcript_log(struct session *session, const char *trouble)
{
	char name[SESSION_NAME], peer[ADDRESS_TEXT], user[LOG_QUOTED];
	bool whole = may_be_logged();

	log_info("session: ended in an error", "session=%s peer=%s user=%s reason=\"%s\"%s",
		session_name(session, name), address_format(&session->activity.peer, peer),
		log_quote(user, session->activity.user, strlen(session->activity.user)), trouble,
		whole ? "" : " lines=left-out");
	if (whole)
		transcript_each(session, log_line, session);
}

/* ---- last words ---- */

static void cry_line(const struct transcript_line *line, int descriptor)
{
	static const char sides[2][10] = {"  client: ", "  server: "};
	char text[TRANSCRIPT_LONGEST + 12];
	size_t used = 10;

	memcpy(text, sides[line->side], 10);
	for (size_t i = 0; i < line->length; i++)
		text[used++] = line->text[i] >= ' ' && line->text[i] < 0x7f ? line->text[i] : '?';
	text[used++] = '\n';
	(void)!write(descriptor, text, used);
}

void transcript_cry(const struct session *session, int descriptor)
{
	const struct transcript *ring = session->transcript;
	struct transcript_line line;
	uint32_t at;

	if (!ring || ring->size > SIZE_MOST || ring->lines > TRANSCRIPT_LINES || ring->size == 0)
		return;
	at = ring->start;
	for (uint32_t i = 0; i < ring->lines; i++) {
		at = read_line(ring, at, &line);
		if (i + CRIED >= ring->lines)
			cry_line(&line, descriptor);
	}
}
