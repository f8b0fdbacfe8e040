#include "worker/ftp/mask.h"

#include "tests/unit/suite.h"

#include <string.h>

struct pair {
	const char *line, *masked;
};

static void expect(
	size_t (*mask)(char out[MASKED], const char *line, size_t length), const struct pair *pair)
{
	char out[MASKED];

	ck_assert_uint_eq(mask(out, pair->line, strlen(pair->line)), strlen(out));
	ck_assert_str_eq(out, pair->masked);
}

START_TEST(commands)
{
	static const struct pair pairs[] = {
		{"", ""},
		{"NOOP", "NOOP"},
		{"RETR a file", "RETR a file"},
		{"PASS hunter2", "PASS ****"},
		{"pass  hunter2 ", "pass ****"},
		{"PASS\thunter2", "PASS ****"},
		{"PASS", "PASS"},
		{"ACCT hunter2", "ACCT ****"},
		{"USER anna", "USER anna"},
		{"USER anna:hunter2", "USER anna:****"},
		{"RETR ftp://anna:hunter2@host/a", "RETR ftp://anna:****@host/a"},
		{"RETR ftp://anna:hunt@er2@host/a@b", "RETR ftp://anna:****@host/a@b"},
		{"CWD //a:b@c//d:e@f", "CWD //a:****@c//d:****@f"},
		{"RETR http://host:80/a@b", "RETR http://host:80/a@b"},
		{"RETR //anna@host", "RETR //anna@host"},
		{"RETR a:b@c", "RETR a:b@c"},
		{"hunter2", "****"},
		{"hunter2 more", "****"},
		{" PASS hunter2", ""},
		{"PSWD old new", "PSWD ****"},
		{"PASSWORD x", "****"},
		{"XYZ", "XYZ"},
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		expect(mask_command, &pairs[i]);
}
END_TEST

START_TEST(replies)
{
	static const struct pair pairs[] = {
		{"200 Fine", "200 Fine"},
		{"331 A password is needed for anna", "331 A password is needed for anna"},
		{"331 A password is needed for anna:hunter2",
			"331 A password is needed for anna:****"},
		{"500 hunter2: unknown command", "500 ****: unknown command"},
		{"500 XYZ: unknown command", "500 XYZ: unknown command"},
		{"550 //anna:hunter2@host: no such file", "550 //anna:****@host: no such file"},
		{"221", "221"},
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		expect(mask_reply, &pairs[i]);
}
END_TEST

/* Any length, and what does not fit is cut. */
START_TEST(long_lines_are_cut)
{
	char line[9000], out[MASKED];

	memset(line, 'a', sizeof(line));
	memcpy(line, "RETR ", 5);
	ck_assert_uint_eq(mask_command(out, line, sizeof(line)), MASKED - 1);
	for (size_t at = 5; at + 10 < sizeof(line); at += 10)
		memcpy(line + at, "//a:bbb@/ ", 10);
	ck_assert_uint_eq(mask_command(out, line, sizeof(line)), MASKED - 1);
	ck_assert_ptr_null(strstr(out, "bbb"));
}
END_TEST

SUITE(ftp_mask, commands, replies, long_lines_are_cut)
