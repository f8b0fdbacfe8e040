#include "worker/ftp/reply.h"

#include "tests/unit/ftp_setup.h"
#include "tests/unit/suite.h"

#include <errno.h>
#include <string.h>

START_TEST(one_line)
{
	ftp_set_up();
	ck_assert_int_eq(reply(&ftp, 200, "TYPE is %s", "I"), 0);
	client_expect(ftp_client, "200 TYPE is I\r\n");
}
END_TEST

START_TEST(several_lines)
{
	ftp_set_up();
	ck_assert_int_eq(reply_first(&ftp, 211, "Features:"), 0);
	ck_assert_int_eq(reply_between(&ftp, "%s", "211 not the end"), 0);
	ck_assert_int_eq(reply(&ftp, 211, "End"), 0);
	client_expect(ftp_client, "211-Features:\r\n 211 not the end\r\n211 End\r\n");
}
END_TEST

/* What a client has put into a text cannot end the line. */
START_TEST(no_line_is_forged)
{
	ftp_set_up();
	ck_assert_int_eq(reply(&ftp, 550, "%s: no", "a\r\n230 Logged in"), 0);
	client_expect(ftp_client, "550 a??230 Logged in: no\r\n");
	ck_assert_int_eq(reply(&ftp, 250, "a\377b"), 0);
	client_expect(ftp_client, "250 a\377\377b\r\n");
}
END_TEST

static void expect_bytes(const char *bytes, size_t length)
{
	char *got = malloc(length);

	ck_assert_int_eq(recv(ftp_client, got, length, MSG_WAITALL), (ssize_t)length);
	ck_assert_mem_eq(got, bytes, length);
	free(got);
}

/* However they are cut, no line looks like the last one of the reply, and 255 is doubled. */
START_TEST(lines_made_elsewhere)
{
	static const char lines[] = "-rw 213 a\r\n213 a:\r\n\r\ndrwx \377b\r\n213 c";
	static const char passed[] = "-rw 213 a\r\n 213 a:\r\n \r\ndrwx \377\377b\r\n 213 c";
	size_t length = sizeof(lines) - 1;
	bool inside;

	ftp_set_up();
	for (size_t cut = 0; cut <= length; cut++) {
		inside = false;
		ck_assert_int_eq(reply_lines(&ftp, lines, cut, &inside), 0);
		ck_assert_int_eq(reply_lines(&ftp, lines + cut, length - cut, &inside), 0);
		ck_assert(inside);
		ck_assert_int_eq(reply(&ftp, 213, "x"), 0);
		expect_bytes(passed, sizeof(passed) - 1);
		client_expect(ftp_client, "213 x\r\n");
	}
}
END_TEST

/* A piece may be of any size. */
START_TEST(long_lines_made_elsewhere)
{
	enum { LONG = 30000 };
	static char lines[LONG], passed[2 * LONG];
	bool inside = false;

	ftp_set_up();
	memset(lines, '\377', sizeof(lines));
	memset(passed, '\377', sizeof(passed));
	ck_assert_int_eq(reply_lines(&ftp, lines, sizeof(lines), &inside), 0);
	shutdown(ftp_session.stream.socket, SHUT_WR);
	expect_bytes(passed, sizeof(passed));
	client_expect_end(ftp_client);
}
END_TEST

START_TEST(text_that_is_too_long_is_cut)
{
	char text[20000], got[20000];
	ssize_t length;

	ftp_set_up();
	memset(text, '\377', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(reply(&ftp, 250, "%s", text), 0);
	shutdown(ftp_session.stream.socket, SHUT_WR);
	length = recv(ftp_client, got, sizeof(got), MSG_WAITALL);
	ck_assert_int_gt(length, 8000);
	ck_assert_mem_eq(got + length - 2, "\r\n", 2);
}
END_TEST

START_TEST(errors_have_their_codes)
{
	static const struct {
		int error, code;
	} cases[] = {{-ENOENT, 550}, {-EPERM, 550}, {-EISDIR, 550}, {-ENOSPC, 452}, {-EDQUOT, 552},
		{-EFBIG, 552}, {-EBUSY, 450}, {-ENAMETOOLONG, 553}, {-ERANGE, 554}, {-EIO, 451},
		{-EMFILE, 451}, {-ENOTUNIQ, 451}};
	int code;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ck_assert_str_ne(reply_error_text(cases[i].error, &code), "");
		ck_assert_int_eq(code, cases[i].code);
	}
	ftp_set_up();
	ck_assert_int_eq(reply_error(&ftp, "report.txt", -ENOENT), 0);
	client_expect(ftp_client, "550 report.txt: no such file or directory\r\n");
	ck_assert_uint_eq(engine_counted(COUNT_requests_refused), 1);
}
END_TEST

SUITE(ftp_reply, one_line, several_lines, no_line_is_forged, lines_made_elsewhere,
	long_lines_made_elsewhere, text_that_is_too_long_is_cut, errors_have_their_codes)
