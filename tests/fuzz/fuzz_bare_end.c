/* Any bursts, at any distance in time, as an upload of the bare mode: no byte is lost, doubled or
 * moved. The input is a row of bursts: how long it is silent before, in units of 10 ms; how many
 * bytes; the bytes. A burst of none is a look at the clock. */
#include "tests/fuzz/fuzz.h"

#include "worker/lgpq/bare_end.h"

#include <assert.h>
#include <string.h>

enum { LONGEST = 1 << 16, SILENCE_UNIT_MS = 10 };

/* What went in, and what came out of it as content. */
struct flow {
	struct bare_end end;
	int64_t now_ms;
	size_t in, out;
	char came[LONGEST], content[LONGEST];
};

static void take(struct flow *flow, const char *bytes, size_t length)
{
	assert(flow->out + length <= flow->in);
	if (length > 0)
		memcpy(flow->content + flow->out, bytes, length);
	flow->out += length;
}

/* Content, what is kept back, mark and next request make up all that came, in that order. */
static void check_piece(struct flow *flow, const struct bare_piece *piece)
{
	take(flow, piece->first, piece->first_length);
	take(flow, piece->second, piece->second_length);
	assert(memcmp(flow->content, flow->came, flow->out) == 0);
	if (!piece->over) {
		assert(flow->out + flow->end.held == flow->in);
		return;
	}
	assert(flow->out + 2 + piece->request_length == flow->in);
	assert(memcmp(flow->came + flow->out, "##", 2) == 0);
	if (piece->request_length > 0) {
		assert(!memcmp(flow->came + flow->out + 2, piece->request, piece->request_length));
		assert(bare_is_request(piece->request, piece->request_length));
	}
}

/* One burst; true when the upload is over. */
static bool step(struct flow *flow, uint8_t silence, const char *burst, size_t length)
{
	int wait_ms = bare_end_wait_ms(&flow->end, flow->now_ms);
	int silence_ms = silence * SILENCE_UNIT_MS;
	struct bare_piece piece;

	flow->now_ms += silence_ms;
	if (wait_ms >= 0 && silence_ms >= wait_ms) {
		piece = bare_end_silence(&flow->end, flow->now_ms);
		check_piece(flow, &piece);
		if (piece.over)
			return true;
	}
	if (length == 0)
		return false;
	memcpy(flow->came + flow->in, burst, length);
	flow->in += length;
	piece = bare_end_add(&flow->end, burst, length, flow->now_ms);
	check_piece(flow, &piece);
	return piece.over;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct flow flow;

	flow.in = flow.out = 0;
	flow.now_ms = 0;
	bare_end_begin(&flow.end, 0);
	if (size > LONGEST)
		size = LONGEST;
	while (size >= 2) {
		size_t length = data[1] < size - 2 ? data[1] : size - 2;

		if (step(&flow, data[0], (const char *)data + 2, length))
			return 0;
		data += 2 + length;
		size -= 2 + length;
	}
	return 0;
}
