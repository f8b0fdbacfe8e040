#include "worker/ftp/argument.h"

#include "tests/unit/suite.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* The address as text, or the error's number. */
static const char *outcome(int result, const struct address *address)
{
	static char text[ADDRESS_TEXT];

	if (result == 0)
		return address_format(address, text);
	return result == -EINVAL ? "EINVAL" : result == -EAFNOSUPPORT ? "EAFNOSUPPORT" : "another";
}

struct address_row {
	const char *text, *wanted;
};

START_TEST(port)
{
	static const struct address_row rows[] = {{"192,0,2,1,4,1", "192.0.2.1:1025"},
		{"0,0,0,0,0,1", "0.0.0.0:1"}, {"255,255,255,255,255,255", "255.255.255.255:65535"},
		{"010,001,1,1,001,000", "10.1.1.1:256"}, {"192,0,2,1,0,0", "EINVAL"},
		{"", "EINVAL"}, {"192,0,2,1,4", "EINVAL"}, {"192,0,2,1,4,", "EINVAL"},
		{"192,0,2,1,4,1,", "EINVAL"}, {"192,0,2,1,4,1,1", "EINVAL"},
		{"256,0,2,1,4,1", "EINVAL"}, {"192,0,2,1,256,1", "EINVAL"},
		{"192,0,2,-1,4,1", "EINVAL"}, {"192,0,2,1,4,1 ", "EINVAL"},
		{"192, 0,2,1,4,1", "EINVAL"}, {"192,0,2,1,4,0001", "EINVAL"},
		{"192.0.2.1.4.1", "EINVAL"}, {"192,,2,1,4,1", "EINVAL"},
		{"(192,0,2,1,4,1)", "EINVAL"}, {"0x1,0,2,1,4,1", "EINVAL"},
		{"99999999999999999999,0,2,1,4,1", "EINVAL"}};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct address address;
		int result = argument_port(&address, rows[i].text);

		ck_assert_msg(!strcmp(outcome(result, &address), rows[i].wanted), "%s: %s",
			rows[i].text, outcome(result, &address));
	}
}
END_TEST

START_TEST(eprt)
{
	static const struct address_row rows[] = {{"|1|192.0.2.1|6275|", "192.0.2.1:6275"},
		{"|2|2001:db8::1|5282|", "[2001:db8::1]:5282"}, {"|2|::1|65535|", "[::1]:65535"},
		{"!1!192.0.2.1!1!", "192.0.2.1:1"}, {",1,192.0.2.1,1024,", "192.0.2.1:1024"},
		{"~01~192.0.2.1~01024~", "192.0.2.1:1024"},
		/* One host is one address, however it is written. */
		{"|2|::ffff:192.0.2.1|99|", "192.0.2.1:99"}, {"|3|192.0.2.1|6275|", "EAFNOSUPPORT"},
		{"|0|x|6275|", "EAFNOSUPPORT"}, {"|3|192.0.2.1|0|", "EINVAL"},
		{"|1|2001:db8::1|5282|", "EINVAL"}, {"|2|192.0.2.1|6275|", "EINVAL"},
		{"|1|192.0.2.1|0|", "EINVAL"}, {"|1|192.0.2.1|65536|", "EINVAL"},
		{"|1|192.0.2.1|4294967297|", "EINVAL"},
		{"|1|192.0.2.1|99999999999999999999|", "EINVAL"}, {"|1|192.0.2|6275|", "EINVAL"},
		{"|1|192.0.2.1|6275", "EINVAL"}, {"|1|192.0.2.1|6275||", "EINVAL"},
		{"|1|192.0.2.1|6275| ", "EINVAL"}, {"|1|192.0.2.1|-1|", "EINVAL"},
		{"|1||6275|", "EINVAL"}, {"||192.0.2.1|6275|", "EINVAL"},
		{"|1|192.0.2.1!6275|", "EINVAL"}, {"|2|fe80::1%lo|6275|", "EINVAL"},
		{"|2|fe80::1%1|6275|", "EINVAL"}, {"|1|ftp.example.net|6275|", "EINVAL"},
		{"", "EINVAL"}, {"|", "EINVAL"}, {"|||", "EINVAL"}, {"||||", "EINVAL"},
		{" 1 192.0.2.1 6275 ", "EINVAL"},
		{"\xff"
		 "1\xff"
		 "192.0.2.1\xff"
		 "1\xff",
			"EINVAL"},
		{"|2|1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc|1|", "EINVAL"}};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct address address;
		int result = argument_eprt(&address, rows[i].text);

		ck_assert_msg(!strcmp(outcome(result, &address), rows[i].wanted), "%s: %s",
			rows[i].text, outcome(result, &address));
	}
}
END_TEST

START_TEST(epsv)
{
	static const struct {
		const char *text;
		int result, family;
	} rows[] = {{"", 0, 0}, {"1", 0, AF_INET}, {"2", 0, AF_INET6}, {"ALL", 0, -1},
		{"all", 0, -1}, {"aLl", 0, -1}, {"3", -EAFNOSUPPORT, 0}, {"0", -EAFNOSUPPORT, 0},
		{"ALLE", -EINVAL, 0}, {"-1", -EINVAL, 0}, {"1 ", -EINVAL, 0}, {"|1|", -EINVAL, 0},
		{"99999999999999999999", -EINVAL, 0}};

	for (size_t i = 0; i < COUNT(rows); i++) {
		int family = 77;

		ck_assert_int_eq(argument_epsv(&family, rows[i].text), rows[i].result);
		ck_assert_int_eq(family, rows[i].result < 0 ? 77 : rows[i].family);
	}
}
END_TEST

struct number_row {
	const char *text;
	int64_t number; /* -1: refused */
};

static void expect_numbers(
	int parse(int64_t *, const char *), const struct number_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		int64_t number = -5;
		int result = parse(&number, rows[i].text);

		ck_assert_msg(result == (rows[i].number < 0 ? -EINVAL : 0), "%s", rows[i].text);
		ck_assert_int_eq(number, result < 0 ? -5 : rows[i].number);
	}
}

START_TEST(number)
{
	static const struct number_row rows[] = {{"0", 0}, {"0010", 10},
		{"9223372036854775807", INT64_MAX}, {"9223372036854775808", -1},
		{"18446744073709551617", -1}, {"", -1}, {"-1", -1}, {"+1", -1}, {" 1", -1},
		{"1 ", -1}, {"0x1", -1}, {"1.0", -1}, {"1e3", -1}, {"\xd9\xa3", -1}};

	expect_numbers(argument_number, rows, COUNT(rows));
}
END_TEST

START_TEST(allo)
{
	static const struct number_row rows[] = {{"0", 0}, {"1000", 1000}, {"1000 R 80", 1000},
		{"1000 r 80", 1000}, {"1000  R  80", 1000}, {"9223372036854775807", INT64_MAX},
		{"9223372036854775808", -1}, {"1000 R", -1}, {"1000 R ", -1}, {"1000 80", -1},
		{"1000R80", -1}, {"1000 R80", -1}, {"1000 R 80 1", -1}, {"1000 R x", -1},
		{"R 80", -1}, {"", -1}, {"1000 ", -1}, {"-1", -1}};

	expect_numbers(argument_allo, rows, COUNT(rows));
}
END_TEST

START_TEST(range)
{
	static const struct {
		const char *text;
		int64_t first, last; /* first -1: refused */
	} rows[] = {{"0 0", 0, 0}, {"10 20", 10, 20}, {"1 0", 0, -1}, {"1 1", 1, 1}, {"5  7", 5, 7},
		{"0 9223372036854775807", 0, INT64_MAX}, {"2 1", -1, 0}, {"2 0", -1, 0},
		{"1", -1, 0}, {"1 ", -1, 0}, {"", -1, 0}, {"1-2", -1, 0}, {"-1 2", -1, 0},
		{"1 2 3", -1, 0}, {"0 9223372036854775808", -1, 0}, {"1 2 ", -1, 0}};

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t first = -5, last = -6;
		int result = argument_range(&first, &last, rows[i].text);

		ck_assert_msg(result == (rows[i].first < 0 ? -EINVAL : 0), "%s", rows[i].text);
		ck_assert_int_eq(first, result < 0 ? -5 : rows[i].first);
		ck_assert_int_eq(last, result < 0 ? -6 : rows[i].last);
	}
}
END_TEST

static const int64_t REFUSED = INT64_MIN;

static const struct number_row times[] = {{"19700101000000", 0}, {"19691231235959", -1},
	{"20000229120000", 951825600}, {"20240229235959", 1709251199},
	{"19980615100045.014", 897904845}, {"99991231235959", 253402300799},
	{"00000101000000", -62167219200}, {"00000229000000", -62162121600},
	{"20161231235960", 1483228800}, {"20380119031408", 2147483648},
	{"20230229000000", INT64_MIN}, {"19000229000000", INT64_MIN}, {"20240230000000", INT64_MIN},
	{"20240431000000", INT64_MIN}, {"20240001000000", INT64_MIN}, {"20241301000000", INT64_MIN},
	{"20240100000000", INT64_MIN}, {"20240101240000", INT64_MIN}, {"20240101006000", INT64_MIN},
	{"20240101000061", INT64_MIN}, {"2024010100000", INT64_MIN}, {"202401010000000", INT64_MIN},
	{"20240101000000.", INT64_MIN}, {"20240101000000.x", INT64_MIN},
	{"20240101000000x", INT64_MIN}, {"", INT64_MIN}, {"2024-01-01", INT64_MIN},
	{" 20240101000000", INT64_MIN}, {"-0240101000000", INT64_MIN},
	{"191000101000000", INT64_MIN}};

START_TEST(a_time)
{
	for (size_t i = 0; i < COUNT(times); i++) {
		int64_t seconds = 77;
		int result = argument_time(&seconds, times[i].text);

		ck_assert_msg(
			result == (times[i].number == REFUSED ? -EINVAL : 0), "%s", times[i].text);
		ck_assert_int_eq(seconds, result < 0 ? 77 : times[i].number);
	}
}
END_TEST

/* Every day of the calendar, against the C library's. */
START_TEST(a_time_as_text)
{
	char text[ARGUMENT_TIME], wanted[64];
	int64_t again;

	for (int64_t at = -62167219200; at <= 253402300799; at += 86399) {
		time_t seconds = (time_t)at;
		struct tm tm;

		gmtime_r(&seconds, &tm);
		snprintf(wanted, sizeof(wanted), "%04d%02d%02d%02d%02d%02d", tm.tm_year + 1900,
			tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
		/* Check's own assertions cost a system call each. */
		if (strcmp(argument_time_text(at, text), wanted) != 0 ||
			argument_time(&again, text) < 0 || again != at)
			ck_abort_msg("%s became %s", wanted, text);
	}
}
END_TEST

START_TEST(a_time_that_cannot_be_written)
{
	char text[ARGUMENT_TIME];

	ck_assert_str_eq(argument_time_text(253402300800, text), "99991231235959");
	ck_assert_str_eq(argument_time_text(INT64_MAX, text), "99991231235959");
	ck_assert_str_eq(argument_time_text(-62167219201, text), "00000101000000");
	ck_assert_str_eq(argument_time_text(INT64_MIN, text), "00000101000000");
}
END_TEST

START_TEST(time_and_path)
{
	static const struct {
		const char *text, *path; /* NULL: refused */
	} rows[] = {{"19700101000001 a", "a"}, {"19700101000001 a b ", "a b "},
		{"19700101000001  a", " a"}, {"19700101000001.5 a", "a"}, {"19700101000001", NULL},
		{"19700101000001 ", NULL}, {"19700101000001\ta", NULL}, {"19700101000001a", NULL},
		{"19700101000001. a", NULL}, {"19701301000001 a", NULL}, {"a", NULL}, {"", NULL}};

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t seconds = 77;
		const char *path = NULL;
		int result = argument_time_path(&seconds, &path, rows[i].text);

		ck_assert_msg(result == (rows[i].path ? 0 : -EINVAL), "%s", rows[i].text);
		ck_assert_int_eq(seconds, result < 0 ? 77 : 1);
		ck_assert_pstr_eq(path, rows[i].path);
	}
}
END_TEST

START_TEST(host)
{
	static const char *const good[] = {"ftp.example.net", "a", "A-1.x", "1a.2b", "example.net.",
		"192.0.2.1", "[2001:db8::1]", "[::ffff:192.0.2.1]", "xn--bcher-kva.example"};
	static const char *const wrong[] = {"", ".", "a..b", ".a", "-a", "a-", "a-.b", "a.-b",
		"a b", "a_b", "192.0.2.256", "192.0.2", "1", "2001:db8::1", "[2001:db8::1", "[]",
		"[", "[192.0.2.1]", "[fe80::1%lo]", "[::1]x", "\xc3\xbc.example", "a/b", "a:21",
		"a.."};
	char name[300];

	for (size_t i = 0; i < COUNT(good); i++)
		ck_assert_msg(argument_host(good[i]) == 0, "%s", good[i]);
	for (size_t i = 0; i < COUNT(wrong); i++)
		ck_assert_msg(argument_host(wrong[i]) == -EINVAL, "%s", wrong[i]);
	memset(name, 'a', sizeof(name));
	name[63] = '\0';
	ck_assert_int_eq(argument_host(name), 0);
	name[63] = 'a';
	name[64] = '\0';
	ck_assert_int_eq(argument_host(name), -EINVAL);
	name[64] = 'a';
	for (size_t i = 1; i < sizeof(name); i += 2)
		name[i] = '.';
	name[253] = '\0';
	ck_assert_int_eq(argument_host(name), 0);
	name[253] = '.';
	name[254] = '\0';
	ck_assert_int_eq(argument_host(name), -EINVAL);
}
END_TEST

START_TEST(mode_and_path)
{
	static const struct {
		const char *text;
		uint32_t mode;
		const char *path; /* NULL: refused */
	} rows[] = {{"644 a", 0644, "a"}, {"0755 a b", 0755, "a b"}, {"7777 a", 07777, "a"},
		{"0 a", 0, "a"}, {"644  a", 0644, " a"}, {"00644 a", 0, NULL}, {"648 a", 0, NULL},
		{"644", 0, NULL}, {"644 ", 0, NULL}, {"u+x a", 0, NULL}, {" 644 a", 0, NULL},
		{"-1 a", 0, NULL}, {"", 0, NULL}};

	for (size_t i = 0; i < COUNT(rows); i++) {
		uint32_t mode = 077777;
		const char *path = NULL;
		int result = argument_mode_path(&mode, &path, rows[i].text);

		ck_assert_msg(result == (rows[i].path ? 0 : -EINVAL), "%s", rows[i].text);
		ck_assert_uint_eq(mode, result < 0 ? 077777 : rows[i].mode);
		ck_assert_pstr_eq(path, rows[i].path);
	}
}
END_TEST

START_TEST(utime_in_both_forms)
{
#define T3 " 19700101000001 19700101000002 19700101000003 "
	static const struct {
		const char *text;
		int64_t seconds;
		const char *path; /* NULL: refused */
	} rows[] = {{"197001010001 a", 60, "a"}, {"19700101000102 a b", 62, "a b"},
		{"a" T3 "UTC", 2, "a"}, {"a b " T3 "utc", 2, "a b "},
		{"197001010001" T3 "UTC", 2, "197001010001"},
		{"197001010001 a" T3 "UTC", 2, "197001010001 a"},
		{"197001010001 a" T3 "GMT", 60, "a" T3 "GMT"}, {T3 "UTC", 0, NULL},
		{"a" T3, 0, NULL}, {"a 19700101000001 19700101000002 UTC", 0, NULL},
		{"a 19700101000001 19701301000002 19700101000003 UTC", 0, NULL},
		{"a 19700101000001.5 19700101000002 19700101000003 UTC", 0, NULL},
		{"a 19700101000001  9700101000002 19700101000003 UTC", 0, NULL},
		{"19700101000 a", 0, NULL}, {"1970010100010 a", 0, NULL},
		{"197001010060 a", 0, NULL}, {"197001010001", 0, NULL}, {"197001010001 ", 0, NULL},
		{"", 0, NULL}, {" UTC", 0, NULL}};
#undef T3

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t seconds = 77;
		const char *path = NULL;
		size_t length = 0;
		int result = argument_utime(&seconds, &path, &length, rows[i].text);

		ck_assert_msg(result == (rows[i].path ? 0 : -EINVAL), "%s", rows[i].text);
		ck_assert_int_eq(seconds, result < 0 ? 77 : rows[i].seconds);
		ck_assert_uint_eq(length, result < 0 ? 0 : strlen(rows[i].path));
		ck_assert(result < 0 || memcmp(path, rows[i].path, length) == 0);
	}
}
END_TEST

SUITE(ftp_argument, port, eprt, epsv, number, allo, range, a_time, a_time_as_text,
	a_time_that_cannot_be_written, time_and_path, host, mode_and_path, utime_in_both_forms)
