/* Any bytes as an upload in mode Z: it ends, with pieces of a bounded size and no more of them than
 * the sink lets through, and comes to the same however the bytes are cut (the first byte says
 * where). Any bytes as a download are themselves again on the other side. */
#include "tests/fuzz/fuzz.h"

#include "worker/ftp/zmode.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

enum { PIECE = 64 * 1024, LARGEST = 1 << 20 };

struct basin {
	char bytes[LARGEST];
	size_t length;
};

static int pour(void *context, const char *bytes, size_t length)
{
	struct basin *basin = context;

	assert(length > 0 && length <= PIECE);
	if (basin->length + length > LARGEST)
		return -EFBIG;
	memcpy(basin->bytes + basin->length, bytes, length);
	basin->length += length;
	return 0;
}

static int run(struct zmode *zmode, struct basin *to, const char *bytes, size_t length, size_t cut)
{
	int error;

	to->length = 0;
	error = zmode_feed(zmode, bytes, cut, pour, to);
	if (error == 0)
		error = zmode_feed(zmode, bytes + cut, length - cut, pour, to);
	if (error == 0)
		error = zmode_end(zmode, pour, to);
	zmode_free(zmode);
	return error;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *in = (const char *)data + 1;
	static struct basin a, b;
	int result, again;

	if (size > 0 && size < LARGEST / 2) {
		size_t cut = data[0] % size;

		size--;
		result = run(zmode_new_inflate(), &a, in, size, 0);
		again = run(zmode_new_inflate(), &b, in, size, cut);
		assert(result == 0 || result == -EBADMSG || result == -EFBIG);
		assert(result == again || result == -EFBIG || again == -EFBIG);
		assert(result < 0 || (a.length == b.length && !memcmp(a.bytes, b.bytes, a.length)));
		result = run(zmode_new_deflate(1 + data[0] % 9), &a, in, size, cut);
		assert(result == 0);
		result = run(zmode_new_inflate(), &b, a.bytes, a.length, a.length / 2);
		assert(result == 0 && b.length == size && !memcmp(b.bytes, in, size));
	}
	return 0;
}
