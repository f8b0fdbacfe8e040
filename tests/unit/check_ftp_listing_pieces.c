/* Slow storage is a clock that goes fast: the clock here is the test's own, in place of
 * common/clock.c. */
#include "common/clock.h"
#include "worker/ftp/listing_pieces.h"

#include "tests/unit/suite.h"

#include <errno.h>
#include <string.h>

static int64_t now_ms, step_ms;

int64_t clock_coarse_ms(void)
{
	return now_ms += step_ms;
}

static size_t writes, written;

static int count(struct listing_sink *sink, const char *bytes, size_t length)
{
	(void)sink;
	ck_assert_int_eq(bytes[length - 1], '\n');
	writes++;
	written += length;
	return 0;
}

static struct listing_sink sink = {.write = count};

static void put_line(struct listing_pieces *pieces)
{
	memcpy(listing_pieces_room(pieces), "a line\r\n", 8);
	ck_assert_int_eq(listing_pieces_take(pieces, 8), 0);
}

START_TEST(lines_wait_for_a_piece)
{
	struct listing_pieces pieces;

	ck_assert_int_eq(listing_pieces_open(&pieces, &sink), 0);
	for (int i = 0; i < 511; i++)
		put_line(&pieces);
	ck_assert_uint_eq(writes, 0);
	put_line(&pieces);
	ck_assert_uint_eq(writes, 1);
	ck_assert_uint_eq(written, 4096);
	for (int i = 0; i < 8191; i++)
		put_line(&pieces);
	ck_assert_uint_eq(writes, 1);
	put_line(&pieces);
	ck_assert_uint_eq(writes, 2);
	ck_assert_uint_eq(written, 4096 + 65536);
	ck_assert_int_eq(listing_pieces_flush(&pieces), 0);
	ck_assert_uint_eq(writes, 2);
	listing_pieces_close(&pieces);
	listing_pieces_close(&pieces);
}
END_TEST

START_TEST(no_line_waits_for_long)
{
	struct listing_pieces pieces;

	step_ms = 1000;
	ck_assert_int_eq(listing_pieces_open(&pieces, &sink), 0);
	for (int i = 0; i < 10; i++)
		put_line(&pieces);
	ck_assert_uint_eq(writes, 10);
	listing_pieces_close(&pieces);
}
END_TEST

static int refuse(struct listing_sink *refusing, const char *bytes, size_t length)
{
	(void)refusing;
	(void)bytes;
	(void)length;
	return -ECONNRESET;
}

START_TEST(what_the_sink_says_comes_back)
{
	struct listing_sink refusing = {.write = refuse};
	struct listing_pieces pieces;

	ck_assert_int_eq(listing_pieces_open(&pieces, &refusing), 0);
	put_line(&pieces);
	ck_assert_int_eq(listing_pieces_flush(&pieces), -ECONNRESET);
	step_ms = 1000;
	memcpy(listing_pieces_room(&pieces), "\r\n", 2);
	ck_assert_int_eq(listing_pieces_take(&pieces, 2), -ECONNRESET);
	listing_pieces_close(&pieces);
}
END_TEST

SUITE(ftp_listing_pieces, lines_wait_for_a_piece, no_line_waits_for_long,
	what_the_sink_says_comes_back)
