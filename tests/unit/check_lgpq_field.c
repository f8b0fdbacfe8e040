#include "common/lgpq_field.h"

#include "tests/unit/suite.h"

#include <errno.h>
#include <string.h>

enum { LONGEST = 300 };

static void expect_round_trip(const char *name, size_t length)
{
	char field[LGPQ_FIELD_ENCODED(LONGEST)], back[LGPQ_FIELD_ENCODED(LONGEST)];
	size_t encoded = lgpq_field_encode(field, name, length);

	ck_assert_uint_lt(encoded, LGPQ_FIELD_ENCODED(length));
	ck_assert_uint_eq(strlen(field), encoded);
	ck_assert_ptr_null(strpbrk(field, "\t\n"));
	ck_assert_int_eq(lgpq_field_decode(back, field, encoded), (int)length);
	ck_assert_mem_eq(back, name, length);
	ck_assert_int_eq(back[length], '\0');
	/* In place. */
	ck_assert_int_eq(lgpq_field_decode(field, field, encoded), (int)length);
	ck_assert_mem_eq(field, name, length);
	ck_assert_int_eq(field[length], '\0');
}

START_TEST(every_byte_but_nul_goes_there_and_back)
{
	for (int c = 1; c < 256; c++) {
		char name[4] = {(char)c, 'x', (char)c, '\0'};

		expect_round_trip(name, 1 + (c % 3 > 0));
		expect_round_trip(name, 3);
	}
}
END_TEST

START_TEST(any_name_goes_there_and_back)
{
	char name[LONGEST + 1];

	for (int round = 0; round < 20000; round++) {
		size_t length = 1 + (size_t)random() % LONGEST;

		for (size_t i = 0; i < length; i++)
			name[i] = round % 2 ? (char)(1 + random() % 255)
					    : "%%\t\n09AaFf"[random() % 10];
		name[length] = '\0';
		expect_round_trip(name, length);
	}
}
END_TEST

START_TEST(only_what_must_be_is_encoded)
{
	char field[100];

	lgpq_field_encode(field, "a\tb\nc%d e/\r\x7f\xff", 13);
	ck_assert_str_eq(field, "a%09b%0Ac%25d e/\r\x7f\xff");
	ck_assert_uint_eq(lgpq_field_encode(field, "\0", 1), 3);
	ck_assert_str_eq(field, "%00");
	ck_assert_uint_eq(lgpq_field_encode(field, "", 0), 0);
	ck_assert_str_eq(field, "");
}
END_TEST

static int decode(const char *field)
{
	char name[100];

	return lgpq_field_decode(name, field, strlen(field));
}

START_TEST(malformed_fields_are_refused)
{
	static const char *const wrong[] = {"", "%", "a%", "%2", "a%2", "%%", "%2G", "%G2", "% 9",
		"%-1", "%0x", "%00", "a%00", "%00a", "%25%", "%25%0", "%+9"};
	char name[10];

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(decode(wrong[i]) == -EINVAL, "taken: \"%s\"", wrong[i]);
	ck_assert_int_eq(lgpq_field_decode(name, "a\0b", 3), -EINVAL);
	ck_assert_int_eq(lgpq_field_decode(name, "\0", 1), -EINVAL);
	/* The digits must be inside the field. */
	ck_assert_int_eq(lgpq_field_decode(name, "a%25", 3), -EINVAL);
	ck_assert_int_eq(lgpq_field_decode(name, "a%25", 2), -EINVAL);
}
END_TEST

START_TEST(any_byte_may_come_encoded)
{
	char name[10];

	ck_assert_int_eq(lgpq_field_decode(name, "%41%7a%fF", 9), 3);
	ck_assert_str_eq(name, "Az\xff");
	ck_assert_int_eq(lgpq_field_decode(name, "%2509", 5), 3);
	ck_assert_str_eq(name, "%09");
}
END_TEST

START_TEST(any_field_is_decoded_or_refused)
{
	char field[40], name[41];

	for (int round = 0; round < 50000; round++) {
		size_t length = (size_t)random() % sizeof(field);
		int decoded;

		for (size_t i = 0; i < length; i++)
			field[i] = "%%%0123456789ABCDEFabcdefxyz\t\n\0"[random() % 31];
		decoded = lgpq_field_decode(name, field, length);
		if (decoded >= 0) {
			ck_assert_int_le(decoded, (int)length);
			ck_assert_uint_eq(strlen(name), (size_t)decoded);
		} else {
			ck_assert_int_eq(decoded, -EINVAL);
		}
	}
}
END_TEST

START_TEST(numbers)
{
	static const struct {
		const char *field;
		int64_t number; /* -1: refused */
	} rows[] = {{"0", 0}, {"1", 1}, {"0010", 10}, {"9223372036854775807", INT64_MAX},
		{"00000000000000000000000000000009223372036854775807", INT64_MAX},
		{"9223372036854775808", -1}, {"18446744073709551617", -1},
		{"99999999999999999999999999", -1}, {"", -1}, {"-1", -1}, {"+1", -1}, {" 1", -1},
		{"1 ", -1}, {"0x1", -1}, {"1.0", -1}, {"1e3", -1}, {"\xd9\xa3", -1}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int64_t number = -5;
		int result = lgpq_field_number(&number, rows[i].field, strlen(rows[i].field));

		ck_assert_msg(result == (rows[i].number < 0 ? -EINVAL : 0), "%s", rows[i].field);
		ck_assert(result < 0 || number == rows[i].number);
	}
}
END_TEST

START_TEST(number_ends_with_its_field)
{
	int64_t number;

	ck_assert_int_eq(lgpq_field_number(&number, "123456", 3), 0);
	ck_assert_int_eq(number, 123);
	ck_assert_int_eq(lgpq_field_number(&number, "1\0002", 3), -EINVAL);
}
END_TEST

SUITE(lgpq_field, every_byte_but_nul_goes_there_and_back, any_name_goes_there_and_back,
	only_what_must_be_is_encoded, malformed_fields_are_refused, any_byte_may_come_encoded,
	any_field_is_decoded_or_refused, numbers, number_ends_with_its_field)
