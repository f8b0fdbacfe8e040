#include "worker/ftp/ascii.h"

#include "tests/unit/suite.h"

#include <string.h>

enum { LONGEST = 200 };

/* By the letter, a byte at a time, with the whole in view. */
static size_t plain_encode(char *out, const char *in, size_t length)
{
	size_t n = 0;

	for (size_t i = 0; i < length; i++) {
		if (in[i] == '\n' && (i == 0 || in[i - 1] != '\r'))
			out[n++] = '\r';
		out[n++] = in[i];
	}
	return n;
}

static size_t plain_decode(char *out, const char *in, size_t length)
{
	size_t n = 0;

	for (size_t i = 0; i < length; i++) {
		if (in[i] != '\r' || i + 1 == length || in[i + 1] != '\n')
			out[n++] = in[i];
	}
	return n;
}

/* In pieces of `piece` bytes, each in buffers of exactly the promised size. */
static size_t in_pieces(bool encode, char *out, const char *in, size_t length, size_t piece)
{
	struct ascii ascii = {0};
	size_t n = 0;

	for (size_t i = 0; i < length || i == 0; i += piece) {
		size_t part = length - i < piece ? length - i : piece;
		size_t room = encode ? 2 * part : part + 1, written;
		char *from = malloc(part + !part), *to = malloc(room + !room);

		memcpy(from, in + i, part);
		written = encode ? ascii_encode(&ascii, to, from, part)
				 : ascii_decode(&ascii, to, from, part);
		ck_assert_uint_le(written, room);
		memcpy(out + n, to, written);
		n += written;
		free(from);
		free(to);
	}
	return encode ? n : n + ascii_decode_end(&ascii, out + n);
}

static void expect(bool encode, const char *in, const char *wanted)
{
	char out[2 * LONGEST];

	for (size_t piece = 1; piece <= strlen(in) + 1; piece++) {
		size_t length = in_pieces(encode, out, in, strlen(in), piece);

		ck_assert_uint_eq(length, strlen(wanted));
		ck_assert_mem_eq(out, wanted, length);
	}
}

START_TEST(lines_get_a_cr_on_the_wire)
{
	expect(true, "a\nb\n", "a\r\nb\r\n");
	expect(true, "\n\n", "\r\n\r\n");
	expect(true, "no end", "no end");
	expect(true, "", "");
}
END_TEST

START_TEST(dos_lines_get_no_second_one)
{
	expect(true, "a\r\nb\r\n", "a\r\nb\r\n");
	expect(true, "a\r\r\n", "a\r\r\n");
	expect(true, "a\r\n\n", "a\r\n\r\n");
	expect(true, "a\rb\n\r", "a\rb\r\n\r");
}
END_TEST

START_TEST(lines_lose_their_cr_on_the_disk)
{
	expect(false, "a\r\nb\r\n", "a\nb\n");
	expect(false, "\r\n\r\n", "\n\n");
	expect(false, "a\nb\n", "a\nb\n");
	expect(false, "", "");
}
END_TEST

START_TEST(any_other_cr_stays)
{
	expect(false, "a\rb", "a\rb");
	expect(false, "a\r", "a\r");
	expect(false, "\r", "\r");
	expect(false, "a\r\r\n", "a\r\n");
	expect(false, "\r\r\r", "\r\r\r");
	expect(false, "\n\r", "\n\r");
}
END_TEST

START_TEST(the_end_is_written_once)
{
	struct ascii ascii = {0};
	char out[2];

	ck_assert_uint_eq(ascii_decode(&ascii, out, "\r", 1), 0);
	/* Nothing has come, so nothing is known. */
	ck_assert_uint_eq(ascii_decode(&ascii, out, "", 0), 0);
	ck_assert_uint_eq(ascii_decode_end(&ascii, out), 1);
	ck_assert_int_eq(out[0], '\r');
	ck_assert_uint_eq(ascii_decode_end(&ascii, out), 0);
}
END_TEST

START_TEST(any_bytes_in_any_pieces)
{
	char in[LONGEST], out[2 * LONGEST + 1], wanted[2 * LONGEST];

	for (int round = 0; round < 5000; round++) {
		size_t length = (size_t)random() % LONGEST, wanted_length;
		size_t piece = 1 + (size_t)random() % (LONGEST + 10);

		for (size_t i = 0; i < length; i++)
			in[i] = round % 3 ? "a\r\n\0"[random() % 4] : (char)random();
		wanted_length = plain_encode(wanted, in, length);
		ck_assert_uint_eq(in_pieces(true, out, in, length, piece), wanted_length);
		ck_assert_mem_eq(out, wanted, wanted_length);
		wanted_length = plain_decode(wanted, in, length);
		ck_assert_uint_eq(in_pieces(false, out, in, length, piece), wanted_length);
		ck_assert_mem_eq(out, wanted, wanted_length);
	}
}
END_TEST

SUITE(ftp_ascii, lines_get_a_cr_on_the_wire, dos_lines_get_no_second_one,
	lines_lose_their_cr_on_the_disk, any_other_cr_stays, the_end_is_written_once,
	any_bytes_in_any_pieces)
