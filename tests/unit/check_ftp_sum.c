#include "worker/ftp/sum.h"

#include "tests/unit/suite.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum { CHUNK = 128 * 1024 };

/* Of "abc" (FIPS 180-4, RFC 1321, ITU-T V.42) and of nothing. */
static const struct {
	const char *name, *abc, *empty;
} kinds[SUM_KINDS] = {[SUM_SHA256] = {"SHA-256",
			      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
			      "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
	[SUM_SHA512] = {"SHA-512",
		"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
		"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
		"cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce"
		"47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e"},
	[SUM_SHA1] = {"SHA-1", "a9993e364706816aba3e25717850c26c9cd0d89d",
		"da39a3ee5e6b4b0d3255bfef95601890afd80709"},
	[SUM_MD5] = {"MD5", "900150983cd24fb0d6963f7d28e17f72", "d41d8cd98f00b204e9800998ecf8427e"},
	[SUM_CRC32] = {"CRC32", "352441c2", "00000000"}};

/* A file of `length` bytes "abcabc…"; its descriptor. */
static int make_file(size_t length)
{
	char *bytes = malloc(length + 1);
	int file = open("file", O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	for (size_t i = 0; i < length; i++)
		bytes[i] = "abc"[i % 3];
	ck_assert_int_ge(file, 0);
	ck_assert_int_eq(write(file, bytes, length), (ssize_t)length);
	free(bytes);
	return file;
}

START_TEST(every_kind)
{
	int file = make_file(6);
	char text[SUM_TEXT];

	for (enum sum_kind kind = 0; kind < SUM_KINDS; kind++) {
		ck_assert_int_eq(sum_file(text, kind, file, 0, 3, NULL, NULL), 0);
		ck_assert_str_eq(text, kinds[kind].abc);
		ck_assert_int_eq(sum_file(text, kind, file, 3, 6, NULL, NULL), 0);
		ck_assert_str_eq(text, kinds[kind].abc);
		ck_assert_int_eq(sum_file(text, kind, file, 4, 4, NULL, NULL), 0);
		ck_assert_str_eq(text, kinds[kind].empty);
	}
	close(file);
}
END_TEST

START_TEST(names)
{
	for (enum sum_kind kind = 0; kind < SUM_KINDS; kind++) {
		ck_assert_str_eq(sum_name(kind), kinds[kind].name);
		ck_assert_int_eq(sum_find(kinds[kind].name), kind);
	}
	ck_assert_int_eq(sum_find("sha-256"), SUM_SHA256);
	ck_assert_int_eq(sum_find("Crc32"), SUM_CRC32);
	ck_assert_int_eq(sum_find("SHA-25"), SUM_KINDS);
	ck_assert_int_eq(sum_find("SHA-2566"), SUM_KINDS);
	ck_assert_int_eq(sum_find(""), SUM_KINDS);
}
END_TEST

/* The CRC of many chunks, from a bit at a time. */
static uint32_t plain_crc(size_t first, size_t end)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = first; i < end; i++) {
		crc ^= (unsigned char)"abc"[i % 3];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
	}
	return ~crc;
}

START_TEST(any_range_of_many_chunks)
{
	static const int64_t ranges[][2] = {{0, 3 * CHUNK + 5}, {1, CHUNK}, {1, CHUNK + 1},
		{CHUNK - 1, 2 * CHUNK + 1}, {CHUNK, 2 * CHUNK}};
	int file = make_file(3 * CHUNK + 5);
	char text[SUM_TEXT], wanted[16];

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
		int64_t first = ranges[i][0], end = ranges[i][1];

		snprintf(wanted, sizeof(wanted), "%08x", plain_crc((size_t)first, (size_t)end));
		ck_assert_int_eq(sum_file(text, SUM_CRC32, file, first, end, NULL, NULL), 0);
		ck_assert_str_eq(text, wanted);
	}
	/* The descriptor's own place is left alone. */
	ck_assert_int_eq(lseek(file, 0, SEEK_CUR), 3 * CHUNK + 5);
	close(file);
}
END_TEST

START_TEST(a_file_that_is_shorter)
{
	int file = make_file(10);
	char text[SUM_TEXT] = "untouched";

	ck_assert_int_eq(sum_file(text, SUM_MD5, file, 0, 11, NULL, NULL), -EIO);
	ck_assert_int_eq(sum_file(text, SUM_MD5, file, 11, 12, NULL, NULL), -EIO);
	ck_assert_int_eq(sum_file(text, SUM_CRC32, -1, 0, 1, NULL, NULL), -EBADF);
	ck_assert_str_eq(text, "untouched");
	close(file);
}
END_TEST

/* Says stop at the call that brings it to 0. */
static int count_down(void *context)
{
	int *left = context;

	return --*left == 0 ? -ECANCELED : 0;
}

START_TEST(it_can_be_stopped_before_each_chunk)
{
	int file = make_file(3 * CHUNK);
	char text[SUM_TEXT];

	for (int calls = 1; calls <= 4; calls++) {
		int left = calls;

		ck_assert_int_eq(sum_file(text, SUM_SHA256, file, 0, 3 * CHUNK, count_down, &left),
			calls <= 3 ? -ECANCELED : 0);
		ck_assert_int_eq(left, calls <= 3 ? 0 : 1);
	}
	close(file);
}
END_TEST

SUITE(ftp_sum, every_kind, names, any_range_of_many_chunks, a_file_that_is_shorter,
	it_can_be_stopped_before_each_chunk)
