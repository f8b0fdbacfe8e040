#include "worker/ftp/zmode.h"

#include "tests/unit/suite.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <zlib.h>

enum { PIECE = 64 * 1024, LONGEST = 300 * 1000 };

/* What comes out. */
struct basin {
	char bytes[2 * LONGEST];
	size_t length, pieces;
	size_t refuse_at; /* 0: never; else the piece that is refused */
};

static struct basin packed, unpacked;
static char text[LONGEST];

static int pour(void *context, const char *bytes, size_t length)
{
	struct basin *basin = context;

	ck_assert_uint_gt(length, 0);
	ck_assert_uint_le(length, PIECE);
	if (++basin->pieces == basin->refuse_at)
		return -EPIPE;
	ck_assert_uint_le(basin->length + length, sizeof(basin->bytes));
	memcpy(basin->bytes + basin->length, bytes, length);
	basin->length += length;
	return 0;
}

/* Something that packs, but not to nothing. */
static void fill_text(bool noise)
{
	for (size_t i = 0; i < LONGEST; i++)
		text[i] = noise ? (char)random() : "abcdefgh"[random() % 8];
}

static int run(struct zmode *zmode, const char *bytes, size_t length, size_t step, struct basin *to)
{
	int error = 0;

	ck_assert_ptr_nonnull(zmode);
	to->length = to->pieces = 0;
	for (size_t i = 0; i < length && error == 0; i += step)
		error = zmode_feed(
			zmode, bytes + i, length - i < step ? length - i : step, pour, to);
	if (error == 0)
		error = zmode_end(zmode, pour, to);
	zmode_free(zmode);
	return error;
}

static void expect_round_trip(size_t length, int level, size_t step)
{
	uLongf plain_length = sizeof(unpacked.bytes);

	ck_assert_int_eq(run(zmode_new_deflate(level), text, length, step, &packed), 0);
	/* zlib itself says that it is one whole stream. */
	ck_assert_int_eq(uncompress((Bytef *)unpacked.bytes, &plain_length, (Bytef *)packed.bytes,
				 packed.length),
		Z_OK);
	ck_assert_uint_eq(plain_length, length);
	ck_assert_int_eq(run(zmode_new_inflate(), packed.bytes, packed.length, step, &unpacked), 0);
	ck_assert_uint_eq(unpacked.length, length);
	ck_assert_mem_eq(unpacked.bytes, text, length);
}

START_TEST(there_and_back)
{
	for (int level = ZMODE_LEVEL_LOWEST; level <= ZMODE_LEVEL_HIGHEST; level += 4) {
		for (int noise = 0; noise < 2; noise++) {
			fill_text(noise);
			expect_round_trip(LONGEST, level, LONGEST);
			expect_round_trip(LONGEST, level, 1000);
			expect_round_trip(3 * PIECE, level, PIECE);
			expect_round_trip(100, level, 1);
			expect_round_trip(0, level, 1);
		}
	}
}
END_TEST

START_TEST(it_packs)
{
	fill_text(false);
	ck_assert_int_eq(
		run(zmode_new_deflate(ZMODE_LEVEL_STANDARD), text, LONGEST, LONGEST, &packed), 0);
	ck_assert_uint_lt(packed.length, LONGEST / 2);
}
END_TEST

START_TEST(an_upload_of_nothing_is_whole)
{
	ck_assert_int_eq(run(zmode_new_inflate(), "", 0, 1, &unpacked), 0);
	ck_assert_uint_eq(unpacked.length, 0);
}
END_TEST

START_TEST(a_stream_that_is_cut_is_not_whole)
{
	fill_text(false);
	ck_assert_int_eq(
		run(zmode_new_deflate(ZMODE_LEVEL_STANDARD), text, 1000, 1000, &packed), 0);
	for (size_t cut = 1; cut < packed.length; cut++)
		ck_assert_int_eq(
			run(zmode_new_inflate(), packed.bytes, cut, 7, &unpacked), -EBADMSG);
}
END_TEST

START_TEST(bytes_behind_the_end)
{
	fill_text(false);
	ck_assert_int_eq(
		run(zmode_new_deflate(ZMODE_LEVEL_STANDARD), text, 1000, 1000, &packed), 0);
	packed.bytes[packed.length++] = 'x';
	ck_assert_int_eq(run(zmode_new_inflate(), packed.bytes, packed.length, LONGEST, &unpacked),
		-EBADMSG);
	ck_assert_int_eq(
		run(zmode_new_inflate(), packed.bytes, packed.length, 1, &unpacked), -EBADMSG);
}
END_TEST

START_TEST(what_is_no_stream)
{
	static const char gzip[] = "\x1f\x8b\x08\0\0\0\0\0\0\x03";
	static const char dictionary[] = "\x78\xf9\0\0\0\x01";

	ck_assert_int_eq(run(zmode_new_inflate(), "plain text", 10, 10, &unpacked), -EBADMSG);
	ck_assert_int_eq(run(zmode_new_inflate(), gzip, 10, 10, &unpacked), -EBADMSG);
	ck_assert_int_eq(run(zmode_new_inflate(), dictionary, 6, 6, &unpacked), -EBADMSG);
	fill_text(true);
	ck_assert_int_eq(
		run(zmode_new_deflate(ZMODE_LEVEL_STANDARD), text, 1000, 1000, &packed), 0);
	packed.bytes[packed.length - 1] ^= 1;
	ck_assert_int_eq(
		run(zmode_new_inflate(), packed.bytes, packed.length, 100, &unpacked), -EBADMSG);
}
END_TEST

/* 300 kB from some 300 bytes: out in pieces, and no further than the sink lets it. */
START_TEST(a_bomb_grows_only_where_the_sink_lets_it)
{
	memset(text, 0, sizeof(text));
	ck_assert_int_eq(
		run(zmode_new_deflate(ZMODE_LEVEL_HIGHEST), text, LONGEST, LONGEST, &packed), 0);
	ck_assert_uint_lt(packed.length, 1000);
	ck_assert_int_eq(
		run(zmode_new_inflate(), packed.bytes, packed.length, LONGEST, &unpacked), 0);
	ck_assert_uint_eq(unpacked.pieces, (LONGEST + PIECE - 1) / PIECE);
	unpacked.refuse_at = 3;
	ck_assert_int_eq(
		run(zmode_new_inflate(), packed.bytes, packed.length, LONGEST, &unpacked), -EPIPE);
	ck_assert_uint_eq(unpacked.length, 2 * PIECE);
}
END_TEST

START_TEST(the_sink_may_refuse_what_is_packed)
{
	fill_text(true);
	for (size_t at = 1; at <= 4; at++) {
		packed.refuse_at = at;
		ck_assert_int_eq(run(zmode_new_deflate(ZMODE_LEVEL_STANDARD), text, LONGEST,
					 LONGEST, &packed),
			-EPIPE);
		ck_assert_uint_eq(packed.pieces, at);
	}
}
END_TEST

SUITE(ftp_zmode, there_and_back, it_packs, an_upload_of_nothing_is_whole,
	a_stream_that_is_cut_is_not_whole, bytes_behind_the_end, what_is_no_stream,
	a_bomb_grows_only_where_the_sink_lets_it, the_sink_may_refuse_what_is_packed)
