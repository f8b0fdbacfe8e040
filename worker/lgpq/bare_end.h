/* Where an upload of LGPQ's bare mode ends. The old client sends the content, waits 0.1 s, sends
 * `##`, and may send its next request at once; `##` may stand in the content too. This keeps back
 * the bytes that may be the mark until it is sure. Pure: it is told what came when.
 *
 *  - `##` that starts a burst after a pause, with nothing or a well-formed request behind it, is
 * the mark, and the request is the next one.
 *  - The same without a clear pause (the network, or a busy server, may have eaten it), or `##` as
 *    the tail of a burst, is the mark if silence follows for longer than the client's own pause.
 *  - Everything else is content. */
#ifndef FTPOOL_WORKER_LGPQ_BARE_END_H
#define FTPOOL_WORKER_LGPQ_BARE_END_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	BARE_CLIENT_PAUSE_MS = 100, /* what the old programs sleep */
	BARE_PAUSE_MS = 70,    /* silence that counts as that pause, after the network's jitter */
	BARE_SILENCE_MS = 300, /* silence after which a possible mark is one */
	BARE_HELD = 512,       /* `##` and the longest request */
};

struct bare_end {
	int64_t last_ms; /* when something came last */
	bool begun;      /* something came at all */
	size_t held;
	char hold[BARE_HELD];
	char released[BARE_HELD];
};

/* What a burst turned out to be: content in two pieces (kept-back bytes first), and whether the
 * upload is over; then `request` are the bytes of the next one, often none. The pieces stay until
 * the next call. */
struct bare_piece {
	const char *first, *second, *request;
	size_t first_length, second_length, request_length;
	bool over;
};

/* The upload begins now: the `OK` for it has been sent. */
void bare_end_begin(struct bare_end *end, int64_t now_ms);

/* A burst came: what one recv(2) brought. */
struct bare_piece bare_end_add(
	struct bare_end *end, const char *burst, size_t length, int64_t now_ms);

/* How long to wait for more before asking bare_end_silence; -1: as long as you like. */
int bare_end_wait_ms(const struct bare_end *end, int64_t now_ms);

/* Nothing came until now: is the upload over? */
struct bare_piece bare_end_silence(struct bare_end *end, int64_t now_ms);

/* The client has ended the stream: was the upload over? */
struct bare_piece bare_end_closed(struct bare_end *end);

/* Are these bytes one well-formed request of the bare mode? `L`, `Q`, `G name`, `P name`; a name
 * holds neither blanks nor control bytes. */
bool bare_is_request(const char *bytes, size_t length);

#endif
