/* Any bytes in type A: the same result however they are cut (the first byte says where), never
 * more than the promised room, and a text without CR is itself again after its way over the wire.
 */
#include "tests/fuzz/fuzz.h"

#include "worker/ftp/ascii.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct text {
	char *bytes;
	size_t length;
};

/* One piece, in buffers of exactly the promised size. */
static void add_encoded(struct text *text, struct ascii *ascii, const char *in, size_t length)
{
	char *out = malloc(2 * length + 1);
	size_t written = ascii_encode(ascii, out, in, length);

	assert(written >= length && written <= 2 * length);
	memcpy(text->bytes + text->length, out, written);
	text->length += written;
	free(out);
}

static void add_decoded(struct text *text, struct ascii *ascii, const char *in, size_t length)
{
	char *out = malloc(length + 1);
	size_t written = ascii_decode(ascii, out, in, length);

	assert(written <= length + 1);
	memcpy(text->bytes + text->length, out, written);
	text->length += written;
	free(out);
}

static struct text encode(const char *in, size_t length, size_t cut)
{
	struct text text = {.bytes = malloc(2 * length + 1)};
	struct ascii ascii = {0};

	add_encoded(&text, &ascii, in, cut);
	add_encoded(&text, &ascii, in + cut, length - cut);
	return text;
}

static struct text decode(const char *in, size_t length, size_t cut)
{
	struct text text = {.bytes = malloc(length + 2)};
	struct ascii ascii = {0};

	add_decoded(&text, &ascii, in, cut);
	add_decoded(&text, &ascii, in + cut, length - cut);
	text.length += ascii_decode_end(&ascii, text.bytes + text.length);
	assert(text.length <= length && !ascii.after_cr);
	return text;
}

static void check_same(struct text a, struct text b)
{
	assert(a.length == b.length && memcmp(a.bytes, b.bytes, a.length) == 0);
	free(b.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *in = (const char *)data + 1;
	struct text wire, disk;
	size_t cut;

	if (size < 1)
		return 0;
	cut = data[0] % size;
	size--;
	wire = encode(in, size, 0);
	check_same(wire, encode(in, size, cut));
	/* Every LF of the wire has its CR, so that once more makes no difference. */
	check_same(wire, encode(wire.bytes, wire.length, cut));
	disk = decode(in, size, 0);
	check_same(disk, decode(in, size, cut));
	free(disk.bytes);
	disk = decode(wire.bytes, wire.length, cut);
	if (!memchr(in, '\r', size))
		check_same((struct text){(char *)in, size}, disk);
	else
		free(disk.bytes);
	free(wire.bytes);
	return 0;
}
