/* Any bytes as what comes over a control connection: they give the same lines and refusals at once
 * and cut in two anywhere (the first byte says where), none is lost between lines, and no line is
 * longer than what it was made of. */
#include "tests/fuzz/fuzz.h"

#include "worker/ftp/telnet.h"

#include <assert.h>
#include <string.h>

enum { LONGEST = 2048, LINE = 40 };

/* What has come, and a running digest of the lines it gave. */
struct reader {
	char raw[LONGEST];
	size_t begin, end;
	uint64_t digest, lines;
};

static void mix(struct reader *reader, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++)
		reader->digest = (reader->digest ^ (uint8_t)bytes[i]) * 1099511628211u;
	reader->digest = (reader->digest ^ length) * 1099511628211u;
}

static void check_line(const struct telnet *telnet, enum telnet_outcome outcome, const char *line)
{
	assert(telnet->taken > 0 && telnet->length < LINE && line[telnet->length] == '\0');
	assert(!memchr(line, '\n', telnet->length));
	assert(telnet->length < telnet->taken);
	assert(telnet->answer_length % 3 == 0 && telnet->answer_length <= TELNET_ANSWER);
	assert(outcome == TELNET_LINE || telnet->length == LINE - 1);
}

static void feed(struct reader *reader, const uint8_t *bytes, size_t length)
{
	enum telnet_outcome outcome;
	struct telnet telnet;
	char line[LINE];

	if (length > 0)
		memcpy(reader->raw + reader->end, bytes, length);
	reader->end += length;
	for (;;) {
		const char *raw = reader->raw + reader->begin;
		size_t left = reader->end - reader->begin;

		outcome = telnet_line(&telnet, raw, left, line, sizeof(line));
		if (outcome == TELNET_UNFINISHED)
			break;
		assert(telnet.taken <= left && raw[telnet.taken - 1] == '\n');
		check_line(&telnet, outcome, line);
		mix(reader, line, telnet.length);
		mix(reader, telnet.answer, telnet.answer_length);
		mix(reader, (const char *)&outcome, sizeof(outcome));
		reader->begin += telnet.taken;
		reader->lines++;
	}
	assert(telnet.taken == 0 && telnet.answer_length == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct reader whole, pieces;
	size_t cut;

	if (size < 1 || size > LONGEST)
		return 0;
	cut = data[0] % size;
	data++;
	size--;
	whole.begin = whole.end = whole.digest = whole.lines = 0;
	pieces.begin = pieces.end = pieces.digest = pieces.lines = 0;
	feed(&whole, data, size);
	feed(&pieces, data, cut);
	feed(&pieces, data + cut, size - cut);
	assert(whole.begin == pieces.begin && whole.lines == pieces.lines);
	assert(whole.digest == pieces.digest);
	return 0;
}
