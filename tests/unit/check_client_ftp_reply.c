#include "client/ftp_reply.h"

#include "client/trouble.h"
#include "tests/unit/suite.h"

#include <errno.h>
#include <string.h>

#define SUM "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct ftp_reply reply;

static void says(const char *line)
{
	ftp_reply_line(&reply, line, strlen(line));
}

START_TEST(last_line_counts)
{
	says("220-welcome\r\n");
	says(" 550 not a reply\r\n");
	says("221-neither\r\n");
	ck_assert_int_eq(reply.code, 0);
	says("220 here you are\r\n");
	ck_assert_int_eq(reply.code, 220);
	ck_assert_str_eq(reply.text, "here you are");
	says("Content-Length: 12\r\n");
	ck_assert_int_eq(reply.code, 220);
	says("331");
	ck_assert_int_eq(reply.code, 331);
	ck_assert_str_eq(reply.text, "");
}
END_TEST

START_TEST(long_lines_are_cut)
{
	char line[4 * FTP_REPLY_TEXT];

	memset(line, 'x', sizeof(line));
	memcpy(line, "550 ", 4);
	ftp_reply_line(&reply, line, sizeof(line));
	ck_assert_int_eq(reply.code, 550);
	ck_assert_uint_eq(strlen(reply.text), FTP_REPLY_TEXT - 1);
	ftp_reply_line(&reply, "", 0);
	ftp_reply_line(&reply, "55", 2);
	ck_assert_int_eq(reply.code, 550);
}
END_TEST

START_TEST(features)
{
	says("211-Features:");
	ck_assert(!reply.features.known);
	says(" SIZE");
	ck_assert(reply.features.known && !reply.features.mlst && !reply.features.hash);
	says(" mlst type*;size*;");
	says(" HASH MD5;SHA-512*;SHA-256");
	says("211 End");
	ck_assert(reply.features.mlst && reply.features.hash && !reply.features.hash_selected);
	reply.features = (struct ftp_features){0};
	says(" HASH SHA-256*;MD5");
	ck_assert(reply.features.hash && reply.features.hash_selected);
	reply.features = (struct ftp_features){0};
	says(" HASH SHA-256X;XSHA-256;SHA-25;");
	says(" HASH ");
	says(" HASH");
	ck_assert(!reply.features.hash);
}
END_TEST

START_TEST(checksums)
{
	static const char *const bad[] = {"213 SHA-256 0-12 " SUM "0 x", "213 SHA-256 " SUM,
		"213 SHA-1 0-12 " SUM " x", "213 SHA-256 0-12 0123 x", "213 20261125160000",
		"200 SHA-256 0-12 " SUM " x"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		says(bad[i]);
		ck_assert_msg(!reply.sum[0], "%s", bad[i]);
	}
	says("213 sha-256 0-12 0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef a "
	     "b");
	ck_assert_str_eq(reply.sum, SUM);
}
END_TEST

START_TEST(refusals)
{
	says("226 done");
	ck_assert_int_eq(ftp_reply_trouble(&reply, true), 0);
	says("550 nothing");
	ck_assert_int_eq(ftp_reply_trouble(&reply, false), -ENOENT);
	ck_assert_str_eq(trouble_text(), "the server has no such file (550 nothing)");
	ck_assert_int_eq(ftp_reply_trouble(&reply, true), -EACCES);
	says("452");
	ck_assert_int_eq(ftp_reply_trouble(&reply, true), -ENOSPC);
	ck_assert_str_eq(trouble_text(), "the server's disk is full (452)");
	says("552 x");
	ck_assert_int_eq(ftp_reply_trouble(&reply, true), -EFBIG);
	says("421 x");
	ck_assert_int_eq(ftp_reply_trouble(&reply, false), -ENOTCONN);
	says("599 x");
	ck_assert_int_eq(ftp_reply_trouble(&reply, false), -EREMOTEIO);
}
END_TEST

SUITE(client_ftp_reply, last_line_counts, long_lines_are_cut, features, checksums, refusals)
