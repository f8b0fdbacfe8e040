#include "client/ftp_entry.h"

#include "tests/unit/suite.h"

#include <string.h>

enum { NOW = 1795622400 }; /* 2026-11-25 16:00 UTC */

static void is_entry(enum ftp_entry_kind kind, const struct ftp_entry *entry, const char *name,
	int64_t size, int64_t modified, bool directory)
{
	ck_assert_int_eq(kind, FTP_ENTRY);
	ck_assert_uint_eq(entry->name_length, strlen(name));
	ck_assert_mem_eq(entry->name, name, strlen(name));
	ck_assert_int_eq(entry->size, size);
	ck_assert_int_eq(entry->modified_unix_seconds, modified);
	ck_assert_int_eq(entry->directory, directory);
}

static void mlsd(const char *line, const char *name, int64_t size, int64_t modified, bool directory)
{
	struct ftp_entry entry;

	is_entry(ftp_entry_mlsd(&entry, line, strlen(line)), &entry, name, size, modified,
		directory);
}

static void list(const char *line, const char *name, int64_t size, int64_t modified, bool directory)
{
	struct ftp_entry entry;

	is_entry(ftp_entry_list(&entry, line, strlen(line), NOW), &entry, name, size, modified,
		directory);
}

START_TEST(mlsd_lines)
{
	mlsd("type=file;size=12;modify=20261125160000; name", "name", 12, NOW, false);
	mlsd("Type=dir;Modify=19700101000000.123;Size=4096; d", "d", -1, 0, true);
	mlsd("size=1;perm=r;unique=x;  two  words ", " two  words ", 1, -1, false);
	mlsd(" no facts", "no facts", -1, -1, false);
	mlsd("type=OS.unix=slink:/a b;size=1; a; b", "a; b", 1, -1, false);
	mlsd("size=x;modify=2026;nonsense;=;; odd", "odd", -1, -1, false);
	mlsd("size=9223372036854775808; huge", "huge", -1, -1, false);
}
END_TEST

START_TEST(mlsd_lines_that_are_no_entries)
{
	static const char *const none[] = {"type=cdir; .", "type=pdir; ..", "type=file; .",
		"type=file; ..", "type=file; a/b", "type=file; /", "type=file; ",
		"type=cdir; name"};
	static const char *const odd[] = {"", "name", "type=file;", "type=file name"};
	struct ftp_entry entry;

	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		ck_assert_msg(ftp_entry_mlsd(&entry, none[i], strlen(none[i])) == FTP_ENTRY_NONE,
			"%s", none[i]);
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++)
		ck_assert_msg(ftp_entry_mlsd(&entry, odd[i], strlen(odd[i])) == FTP_ENTRY_ODD, "%s",
			odd[i]);
}
END_TEST

START_TEST(unix_lines)
{
	list("-rw-r--r--   1 ftp      ftp            12 Nov 25 16:00 name", "name", 12, NOW, false);
	list("drwxr-xr-x 2 ftp ftp 4096 Jan  1  1970  two  words", " two  words", -1, 0, true);
	list("lrwxrwxrwx 1 ftp ftp 3 Nov 25 16:00 link -> /a b", "link", -1, NOW, false);
	list("-rw-r--r-- 1 Domain Users 12 Nov 25 16:00 Dec 24 12:00 x", "Dec 24 12:00 x", 12, NOW,
		false);
	/* Half a year ago is this year, tomorrow's month is last year's. */
	list("-rw-r--r-- 1 a b 1 May 25 16:00 x", "x", 1, NOW - 184 * 86400, false);
	list("-rw-r--r-- 1 a b 1 Dec 25 16:00 x", "x", 1, NOW - 335 * 86400, false);
	list("-rw-r--r-- 1 a b 1 Nov 26 03:00 x", "x", 1, NOW + 11 * 3600, false);
}
END_TEST

START_TEST(dos_lines)
{
	list("11-25-26  04:00PM                   12 two  words", "two  words", 12, NOW, false);
	list("11-25-2026  04:00PM       <DIR>          d e", "d e", -1, NOW, true);
	list("11-25-26  12:00AM 0 x", "x", 0, NOW - 16 * 3600, false);
}
END_TEST

START_TEST(list_lines_that_are_no_entries)
{
	static const char *const none[] = {"total 12", "", "-rw-r--r-- 1 a b 1 Nov 25 16:00 ..",
		"-rw-r--r-- 1 a b 1 Nov 25 16:00 a/b"};
	static const char *const odd[] = {"name", "-rw-r--r-- 1 a b 1 Nov 25 16:00",
		"-rw-r--r-- 1 a b 1 Nov 25 16:00 ", "-rw-r--r-- 1 a b 1 Nov 32 16:00 x",
		"-rw-r--r-- 1 a b 1 Nov 25 24:00 x", "-rw-r--r-- 1 a b c Nov 25 16:00 x",
		"drwxr-xr-x", "11-25-26  04:00PM 12", "11-25-26  04:00PM x y", "1 2 3 4",
		"13-25-26  04:00PM 12 x", "-rw-r--r-- 1 a b c d e f g h 1 Nov 25 16:00 x"};
	struct ftp_entry entry;

	for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
		ck_assert_msg(
			ftp_entry_list(&entry, none[i], strlen(none[i]), NOW) == FTP_ENTRY_NONE,
			"%s", none[i]);
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++)
		ck_assert_msg(ftp_entry_list(&entry, odd[i], strlen(odd[i]), NOW) == FTP_ENTRY_ODD,
			"%s", odd[i]);
}
END_TEST

START_TEST(bare_names)
{
	struct ftp_entry entry;

	is_entry(ftp_entry_nlst(&entry, "name", 4), &entry, "name", -1, -1, false);
	is_entry(ftp_entry_nlst(&entry, "./d/na me", 9), &entry, "na me", -1, -1, false);
	ck_assert_int_eq(ftp_entry_nlst(&entry, "d/..", 4), FTP_ENTRY_NONE);
	ck_assert_int_eq(ftp_entry_nlst(&entry, "d/", 2), FTP_ENTRY_NONE);
}
END_TEST

START_TEST(times)
{
	static const char *const bad[] = {"", "2026112516000", "202611251600001", "20261325160000",
		"20261100160000", "2026112524000 ", "x0261125160000", "19691231235959"};
	int64_t seconds = -1;

	ck_assert_int_eq(ftp_entry_time(&seconds, "20261125160000", 14), 0);
	ck_assert_int_eq(seconds, NOW);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		ck_assert_msg(ftp_entry_time(&seconds, bad[i], strlen(bad[i])) < 0, "%s", bad[i]);
}
END_TEST

SUITE(client_ftp_entry, mlsd_lines, mlsd_lines_that_are_no_entries, unix_lines, dos_lines,
	list_lines_that_are_no_entries, bare_names, times)
