#include "supervisor/crashes.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/sealed_memory.h"
#include "supervisor/json_text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int crashes_open_words(void)
{
	return sealed_memory_new("last words", CRASH_WORDS);
}

/* ---- noting ---- */

static bool is_busy(const struct crash_session *session)
{
	return session->activity.command_since_ms != 0;
}

/* Where the session goes: behind those that are there; or, if all places are taken and it is busy,
 * in the place of an idle one. */
static struct crash_session *place_for(struct crash *crash, const struct crash_session *session)
{
	if (crash->told < CRASH_SESSIONS)
		return &crash->told_of[crash->told++];
	for (uint32_t i = 0; i < CRASH_SESSIONS && is_busy(session); i++) {
		if (!is_busy(&crash->told_of[i]))
			return &crash->told_of[i];
	}
	return NULL;
}

static void note_sessions(struct crash *crash, const struct board *board)
{
	for (uint32_t i = 0; i < board_rows_used(board, crash->worker); i++) {
		struct crash_session session, *place;

		if (!board_session_read(board_session(board, crash->worker, i), &session.activity,
			    &session.bytes))
			continue;
		crash->sessions++;
		place = place_for(crash, &session);
		if (place)
			*place = session;
	}
}

static int busy_first(const void *a, const void *b)
{
	const struct crash_session *one = a, *other = b;

	if (is_busy(one) != is_busy(other))
		return is_busy(one) ? -1 : 1;
	return (one->activity.number > other->activity.number) -
	       (one->activity.number < other->activity.number);
}

static void read_words(struct crash *crash, int words)
{
	ssize_t got = words >= 0 ? pread(words, crash->words, CRASH_WORDS, 0) : 0;

	crash->words[got > 0 ? got : 0] = '\0';
}

static double seconds_of(const struct crash_session *session)
{
	int64_t now = clock_ms(), since = session->activity.command_since_ms;

	return since > 0 && since <= now ? (double)(now - since) / 1000 : 0;
}

static void log_session(const struct crash *crash, const struct crash_session *session)
{
	char peer[ADDRESS_TEXT], user[LOG_QUOTED], command[LOG_QUOTED], path[LOG_QUOTED];
	const struct board_activity *activity = &session->activity;

	log_error("worker: a session died with it",
		"worker=%u session=%u.%u peer=%s user=%s command=%s path=%s bytes=%ju seconds=%.1f",
		crash->worker, crash->worker, activity->number,
		address_format(&activity->peer, peer),
		log_quote(user, activity->user, strlen(activity->user)),
		log_quote(command, activity->command, strlen(activity->command)),
		log_quote(path, activity->path, strlen(activity->path)), (uintmax_t)session->bytes,
		seconds_of(session));
}

static void log_words(const struct crash *crash)
{
	char quoted[LOG_QUOTED];
	const char *line = crash->words;

	while (*line) {
		size_t length = strcspn(line, "\n");

		if (length > 0)
			log_error("worker: last words", "worker=%u pid=%d line=%s", crash->worker,
				(int)crash->pid, log_quote(quoted, line, length));
		line += length + (line[length] == '\n');
	}
}

static void keep(struct crashes *crashes, struct crash *crash)
{
	struct crash **place = &crashes->kept[crashes->count++ % CRASHES_KEPT];

	free(*place);
	*place = crash;
}

void crashes_note(
	struct crashes *crashes, const struct crash *facts, const struct board *board, int words)
{
	struct crash *crash = malloc(sizeof(*crash));

	if (!crash) {
		log_error("worker: no memory for the report of its crash", "worker=%u",
			facts->worker);
		return;
	}
	*crash = *facts;
	crash->when_unix = clock_unix_seconds();
	crash->sessions = crash->told = 0;
	note_sessions(crash, board);
	qsort(crash->told_of, crash->told, sizeof(crash->told_of[0]), busy_first);
	read_words(crash, words);
	log_words(crash);
	for (uint32_t i = 0; i < crash->told; i++)
		log_session(crash, &crash->told_of[i]);
	keep(crashes, crash);
}

/* ---- telling ---- */

static json_t *session_object(const struct crash *crash, const struct crash_session *session)
{
	const struct board_activity *activity = &session->activity;
	char peer[ADDRESS_TEXT];

	return json_pack("{s:o, s:s, s:o, s:o, s:o, s:I}", "session",
		json_sprintf("%u.%u", crash->worker, activity->number), "peer",
		address_format(&activity->peer, peer), "user", json_text(activity->user), "command",
		json_text(activity->command), "path", json_text(activity->path), "bytes",
		(json_int_t)(session->bytes > INT64_MAX ? INT64_MAX : session->bytes));
}

static json_t *session_array(const struct crash *crash)
{
	json_t *array = json_array();

	for (uint32_t i = 0; i < crash->told; i++)
		json_array_append_new(array, session_object(crash, &crash->told_of[i]));
	return array;
}

static json_t *word_array(const struct crash *crash)
{
	json_t *array = json_array();
	const char *line = crash->words;

	while (*line) {
		size_t length = strcspn(line, "\n");

		if (length > 0)
			json_array_append_new(array, json_text_piece(line, length));
		line += length + (line[length] == '\n');
	}
	return array;
}

static json_t *crash_object(const struct crash *crash)
{
	return json_pack("{s:I, s:i, s:i, s:i, s:s, s:b, s:f, s:i, s:o, s:o}", "when_unix",
		(json_int_t)crash->when_unix, "worker", (int)crash->worker, "pid", (int)crash->pid,
		"signal", crash->signal, "name", strsignal(crash->signal), "hung", (int)crash->hung,
		"age_seconds", (double)crash->age_ms / 1000, "sessions", (int)crash->sessions,
		"told", session_array(crash), "words", word_array(crash));
}

json_t *crashes_report(const struct crashes *crashes)
{
	json_t *array = json_array();

	for (uint64_t i = 0; i < CRASHES_KEPT && i < crashes->count; i++)
		json_array_append_new(array,
			crash_object(crashes->kept[(crashes->count - 1 - i) % CRASHES_KEPT]));
	return json_pack("{s:o, s:I}", "crashes", array, "count", (json_int_t)crashes->count);
}

/* ---- to the next program ---- */

struct packed {
	uint64_t magic; /* another layout, another number */
	uint64_t count; /* of all; the newest of them follow, the oldest first */
};

static const uint64_t magic = UINT64_C(0x6372617368650000) + sizeof(struct crash);

int crashes_pack(const struct crashes *crashes)
{
	const struct packed head = {magic, crashes->count};
	uint64_t first = crashes->count > CRASHES_KEPT ? crashes->count - CRASHES_KEPT : 0;
	int memory = memfd_create("ftpool crashes", MFD_CLOEXEC);
	bool whole;

	if (memory < 0)
		return -errno;
	whole = write(memory, &head, sizeof(head)) == (ssize_t)sizeof(head);
	for (uint64_t i = first; i < crashes->count && whole; i++)
		whole = write(memory, crashes->kept[i % CRASHES_KEPT], sizeof(struct crash)) ==
			(ssize_t)sizeof(struct crash);
	if (whole)
		return memory;
	close(memory);
	return -ENOSPC;
}

void crashes_unpack(struct crashes *crashes, int memory)
{
	struct packed head;
	off_t at = sizeof(head);

	if (pread(memory, &head, sizeof(head), 0) != (ssize_t)sizeof(head) || head.magic != magic)
		return;
	crashes->count = head.count > CRASHES_KEPT ? head.count - CRASHES_KEPT : 0;
	while (crashes->count < head.count) {
		struct crash *crash = malloc(sizeof(*crash));

		if (!crash || pread(memory, crash, sizeof(*crash), at) != (ssize_t)sizeof(*crash)) {
			free(crash);
			crashes_close(crashes);
			return;
		}
		at += sizeof(*crash);
		crash->words[CRASH_WORDS] = '\0';
		if (crash->told > CRASH_SESSIONS)
			crash->told = CRASH_SESSIONS;
		keep(crashes, crash);
	}
}

void crashes_close(struct crashes *crashes)
{
	for (int i = 0; i < CRASHES_KEPT; i++)
		free(crashes->kept[i]);
	*crashes = (struct crashes){0};
}
