#include "worker/ftp/settings.h"

#include "tests/unit/ftp_setup.h"
#include "tests/unit/suite.h"
#include "worker/ftp/facts.h"
#include "worker/ftp/zmode.h"

#include <string.h>

/* The command with that argument is answered with this text, whole. */
static void expect(int (*command)(struct ftp *, const struct command_call *), const char *argument,
	const char *answer)
{
	struct command_call call = {.argument = argument};
	char got[1000];
	ssize_t length;

	ck_assert_int_eq(command(&ftp, &call), 0);
	length = recv(ftp_client, got, sizeof(got) - 1, 0);
	ck_assert_int_gt(length, 2);
	ck_assert_mem_eq(got + length - 2, "\r\n", 2);
	got[length - 2] = '\0';
	ck_assert_str_eq(got, answer);
}

/* … or with one that begins so. */
static void expect_code(int (*command)(struct ftp *, const struct command_call *),
	const char *argument, const char *code)
{
	struct command_call call = {.argument = argument};
	char got[1000];
	ssize_t length;

	ck_assert_int_eq(command(&ftp, &call), 0);
	length = recv(ftp_client, got, sizeof(got) - 1, 0);
	ck_assert_int_gt(length, 3);
	got[3] = '\0';
	ck_assert_msg(!strcmp(got, code), "'%s': %s, not %s", argument, got, code);
}

START_TEST(type_is_ascii_at_first_and_what_is_told_then)
{
	ftp_set_up();
	ck_assert_int_eq(ftp.type, TYPE_ASCII);
	expect(settings_type, "I", "200 Type is image (binary)");
	ck_assert_int_eq(ftp.type, TYPE_IMAGE);
	expect(settings_type, "a n", "200 Type is ASCII");
	ck_assert_int_eq(ftp.type, TYPE_ASCII);
	expect_code(settings_type, "l 8", "200");
	ck_assert_int_eq(ftp.type, TYPE_IMAGE);
	expect_code(settings_type, "A", "200");
	ck_assert_int_eq(ftp.type, TYPE_ASCII);
	expect_code(settings_type, "i", "200");
	ck_assert_int_eq(ftp.type, TYPE_IMAGE);
}
END_TEST

START_TEST(type_that_is_not_done_here_changes_nothing)
{
	static const char *const known[] = {"E", "A T", "A C"};
	static const char *const wrong[] = {"X", "II", "AN", "8"};

	ftp_set_up();
	expect_code(settings_type, "I", "200");
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		expect_code(settings_type, known[i], "504");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		expect_code(settings_type, wrong[i], "501");
	ck_assert_int_eq(ftp.type, TYPE_IMAGE);
}
END_TEST

START_TEST(structure_is_file)
{
	ftp_set_up();
	expect(settings_stru, "f", "200 Structure is file");
	expect_code(settings_stru, "R", "504");
	expect_code(settings_stru, "p", "504");
	expect_code(settings_stru, "Q", "501");
	expect_code(settings_stru, "FF", "501");
}
END_TEST

START_TEST(mode_is_stream_or_zlib)
{
	ftp_set_up();
	ck_assert_int_eq(ftp.mode, MODE_STREAM);
	expect(settings_mode, "z", "200 Mode is Z (zlib)");
	ck_assert_int_eq(ftp.mode, MODE_ZLIB);
	expect_code(settings_mode, "B", "504");
	expect_code(settings_mode, "c", "504");
	expect_code(settings_mode, "X", "501");
	expect_code(settings_mode, "ZZ", "501");
	ck_assert_int_eq(ftp.mode, MODE_ZLIB);
	expect(settings_mode, "S", "200 Mode is stream");
	ck_assert_int_eq(ftp.mode, MODE_STREAM);
}
END_TEST

START_TEST(level_of_mode_z)
{
	ftp_set_up();
	ck_assert_int_eq(ftp.deflate_level, ZMODE_LEVEL_STANDARD);
	expect(settings_opts, "MODE Z LEVEL 9", "200 MODE Z LEVEL set to 9");
	ck_assert_int_eq(ftp.deflate_level, 9);
	expect_code(settings_opts, "mode z level 1", "200");
	ck_assert_int_eq(ftp.deflate_level, 1);
	expect_code(settings_opts, "MODE Z LEVEL 10", "501");
	expect_code(settings_opts, "MODE Z LEVEL x", "501");
	expect_code(settings_opts, "MODE Z LEVEL", "501");
	expect_code(settings_opts, "MODE", "501");
	ck_assert_int_eq(ftp.deflate_level, 1);
}
END_TEST

START_TEST(facts_of_mlst)
{
	ftp_set_up();
	ck_assert_uint_eq(ftp.facts, FACTS_ALL);
	/* In the server's order, whatever the client's (RFC 3659 7.9). */
	expect(settings_opts, "MLST Size;Type;", "200 MLST OPTS type;size;");
	ck_assert_uint_eq(ftp.facts, facts_read("type;size;"));
	expect(settings_opts, "MLST no.such;size;", "200 MLST OPTS size;");
	expect(settings_opts, "MLST", "200 MLST OPTS");
	ck_assert_uint_eq(ftp.facts, 0);
}
END_TEST

START_TEST(algorithm_of_hash)
{
	ftp_set_up();
	expect(settings_opts, "HASH", "200 SHA-256");
	expect(settings_opts, "hash md5", "200 MD5");
	ck_assert_int_eq(ftp.hash, SUM_MD5);
	expect_code(settings_opts, "HASH ROT13", "501");
	expect(settings_opts, "HASH", "200 MD5");
}
END_TEST

START_TEST(utf8_is_always_on)
{
	ftp_set_up();
	expect_code(settings_opts, "UTF8 ON", "200");
	expect_code(settings_opts, "utf8 on", "200");
	expect_code(settings_opts, "UTF8", "200");
	expect_code(settings_opts, "UTF-8 NLST", "200");
	expect_code(settings_opts, "UTF8 OFF", "200");
	expect_code(settings_opts, "UTF8 perhaps", "501");
}
END_TEST

START_TEST(options_that_nobody_has)
{
	ftp_set_up();
	expect_code(settings_opts, "RETR x", "501");
	expect_code(settings_opts, "UTF88 ON", "501");
	expect_code(settings_opts, "UTF", "501");
}
END_TEST

START_TEST(replies_are_in_english)
{
	ftp_set_up();
	expect(settings_lang, "", "200 Replies are in English");
	expect_code(settings_lang, "en-GB", "200");
	expect_code(settings_lang, "zh", "504");
}
END_TEST

START_TEST(settings_outlast_a_login_until_they_are_reset)
{
	ftp_set_up();
	expect_code(settings_type, "I", "200");
	expect_code(settings_mode, "Z", "200");
	expect_code(settings_opts, "HASH MD5", "200");
	expect_code(settings_opts, "MLST size;", "200");
	expect_code(settings_opts, "MODE Z LEVEL 9", "200");
	login_forget(&ftp); /* as USER does */
	ck_assert_int_eq(ftp.type, TYPE_IMAGE);
	ck_assert_int_eq(ftp.mode, MODE_ZLIB);
	ck_assert_int_eq(ftp.hash, SUM_MD5);
	ck_assert_int_eq(ftp.deflate_level, 9);
	settings_reset(&ftp); /* as REIN */
	ck_assert_int_eq(ftp.type, TYPE_ASCII);
	ck_assert_int_eq(ftp.mode, MODE_STREAM);
	ck_assert_int_eq(ftp.hash, SUM_SHA256);
	ck_assert_uint_eq(ftp.facts, FACTS_ALL);
	ck_assert_int_eq(ftp.deflate_level, ZMODE_LEVEL_STANDARD);
}
END_TEST

SUITE(ftp_settings, type_is_ascii_at_first_and_what_is_told_then,
	type_that_is_not_done_here_changes_nothing, structure_is_file, mode_is_stream_or_zlib,
	level_of_mode_z, facts_of_mlst, algorithm_of_hash, utf8_is_always_on,
	options_that_nobody_has, replies_are_in_english,
	settings_outlast_a_login_until_they_are_reset)
