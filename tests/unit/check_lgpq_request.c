#include "worker/lgpq/request.h"

#include "tests/unit/suite.h"

#include <string.h>

static struct request request;
static char line[4096];

/* As it stands on the wire, \n taken off. */
static enum request_fault parse(const char *text)
{
	strcpy(line, text);
	return request_parse(&request, line, strlen(text));
}

static void expect_name(const char *name)
{
	ck_assert_ptr_nonnull(request.name);
	ck_assert_str_eq(request.name, name);
	ck_assert_uint_eq(request.name_length, strlen(name));
	ck_assert(request.name >= line && request.name < line + sizeof(line));
}

START_TEST(letters_alone)
{
	ck_assert_int_eq(parse("L"), REQUEST_FINE);
	ck_assert_int_eq(request.letter, 'L');
	ck_assert_ptr_null(request.name);
	ck_assert_int_eq(parse("Q"), REQUEST_FINE);
	ck_assert_int_eq(request.letter, 'Q');
	ck_assert_ptr_null(request.name);
}
END_TEST

START_TEST(get_and_sum)
{
	ck_assert_int_eq(parse("G\ta file"), REQUEST_FINE);
	ck_assert_int_eq(request.letter, 'G');
	ck_assert_int_eq(request.offset, 0);
	expect_name("a file");
	ck_assert_int_eq(parse("G\ta\t9223372036854775807"), REQUEST_FINE);
	ck_assert_int_eq(request.offset, INT64_MAX);
	expect_name("a");
	ck_assert_int_eq(parse("S\ta%09b%0A%25"), REQUEST_FINE);
	ck_assert_int_eq(request.letter, 'S');
	expect_name("a\tb\n%");
}
END_TEST

START_TEST(put)
{
	ck_assert_int_eq(parse("P\ta\t10"), REQUEST_FINE);
	ck_assert_int_eq(request.letter, 'P');
	ck_assert_int_eq(request.size, 10);
	ck_assert_int_eq(request.offset, 0);
	expect_name("a");
	ck_assert_int_eq(parse("P\t文件\t10\t10"), REQUEST_FINE);
	ck_assert_int_eq(request.offset, 10);
	expect_name("文件");
	ck_assert_int_eq(parse("P\ta\t0\t0"), REQUEST_FINE);
}
END_TEST

START_TEST(faults_are_told_apart)
{
	static const struct {
		const char *text;
		enum request_fault fault;
	} rows[] = {{"", REQUEST_BAD}, {"\t", REQUEST_BAD}, {"X", REQUEST_BAD}, {"l", REQUEST_BAD},
		{"LL", REQUEST_BAD}, {"L ", REQUEST_BAD}, {"L\r", REQUEST_BAD},
		{"L\t", REQUEST_BAD}, {"Q\tx", REQUEST_BAD}, {"G", REQUEST_BAD},
		{"G a", REQUEST_BAD}, {"G\ta\t1\t2", REQUEST_BAD}, {"G\t", REQUEST_BAD_NAME},
		{"G\t%", REQUEST_BAD_NAME}, {"G\t%zz", REQUEST_BAD_NAME},
		{"G\t%00", REQUEST_BAD_NAME}, {"G\t\t1", REQUEST_BAD_NAME},
		{"G\ta\t", REQUEST_BAD_OFFSET}, {"G\ta\t-1", REQUEST_BAD_OFFSET},
		{"G\ta\tx", REQUEST_BAD_OFFSET}, {"G\ta\t9223372036854775808", REQUEST_BAD_OFFSET},
		{"P", REQUEST_BAD}, {"P\ta", REQUEST_BAD}, {"P\ta\t", REQUEST_BAD},
		{"P\ta\tx", REQUEST_BAD}, {"P\ta\t-1", REQUEST_BAD}, {"P\ta\t1\t0\t0", REQUEST_BAD},
		{"P\ta\t10\t11", REQUEST_BAD_OFFSET}, {"P\ta\t10\tx", REQUEST_BAD_OFFSET},
		{"P\ta\t10\t", REQUEST_BAD_OFFSET}, {"P\t\t10", REQUEST_BAD_NAME},
		{"P\t%0\t10", REQUEST_BAD_NAME}, {"S", REQUEST_BAD}, {"S\ta\t0", REQUEST_BAD},
		{"S\t", REQUEST_BAD_NAME}, {"\t\t\t\t\t\t\t", REQUEST_BAD}};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		ck_assert_msg(parse(rows[i].text) == rows[i].fault, "\"%s\"", rows[i].text);
}
END_TEST

START_TEST(nul_is_in_no_request)
{
	char letter[] = "L\0", name[] = "G\ta\0b", number[] = "P\ta\t1\0";

	ck_assert_int_eq(request_parse(&request, letter, 2), REQUEST_BAD);
	ck_assert_int_eq(request_parse(&request, name, 5), REQUEST_BAD_NAME);
	ck_assert_int_eq(request_parse(&request, number, 6), REQUEST_BAD);
}
END_TEST

/* Whatever is fine keeps inside its line and its numbers. */
START_TEST(any_line_is_read_or_refused)
{
	for (int round = 0; round < 100000; round++) {
		size_t length = (size_t)random() % 24;

		for (size_t i = 0; i < length; i++)
			line[i] = "GPSLQ\t\t\t\t%%0123459aAfF\0x"[random() % 24];
		if (length)
			line[0] = "GPSLQ"[random() % 5];
		line[length] = 'Z';
		line[length + 1] = 'Z';
		if (request_parse(&request, line, length) != REQUEST_FINE)
			continue;
		ck_assert_int_eq(line[length + 1], 'Z');
		ck_assert_int_ge(request.size, 0);
		ck_assert_int_ge(request.offset, 0);
		ck_assert(request.letter != 'P' || request.offset <= request.size);
		ck_assert((request.name == NULL) == (strchr("LQ", request.letter) != NULL));
		if (request.name) {
			ck_assert_uint_gt(request.name_length, 0);
			ck_assert_uint_eq(strlen(request.name), request.name_length);
			ck_assert(request.name + request.name_length <= line + length);
		}
	}
}
END_TEST

SUITE(lgpq_request, letters_alone, get_and_sum, put, faults_are_told_apart, nul_is_in_no_request,
	any_line_is_read_or_refused)
