#include "worker/xferlog.h"

#include "common/clock.h"
#include "tests/unit/scratch.h"
#include "tests/unit/suite.h"

#include <time.h>

static struct engine engine;
static const struct protocol ftp = {.name = PROTOCOL_FTP};
static struct session session = {.engine = &engine, .protocol = &ftp};

static void set_up(void)
{
	engine.xferlog = open("xferlog", O_RDWR | O_CREAT | O_APPEND, 0644);
	ck_assert_int_ge(engine.xferlog, 0);
	ck_assert_int_eq(address_parse(&session.activity.peer, "192.0.2.7", 40122), 0);
}

/* The line behind its time, which is looked at here. */
static const char *noted(const struct xferlog_entry *entry)
{
	static char text[3 * 4096];
	time_t now = time(NULL), then;
	struct tm parts = {.tm_isdst = -1};
	const char *rest;

	ck_assert_int_eq(ftruncate(engine.xferlog, 0), 0);
	xferlog_note(&session, entry);
	scratch_read("xferlog", text, sizeof(text));
	ck_assert_ptr_eq(strchr(text, '\n'), text + strlen(text) - 1);
	rest = strptime(text, "%a %b %d %H:%M:%S %Y ", &parts);
	ck_assert_ptr_nonnull(rest);
	then = mktime(&parts);
	ck_assert(now - 60 <= then && then <= now + 60);
	return text + strlen("Wed Nov 25 19:04:07 2026 ");
}

START_TEST(a_line_has_its_fields)
{
	struct xferlog_entry entry = {.path = "/a/b.txt",
		.user = "anna",
		.bytes = 5000000000,
		.began_ms = clock_ms() - 12000,
		.upload = true,
		.complete = true};

	set_up();
	ck_assert_str_eq(
		noted(&entry), "12 192.0.2.7 5000000000 /a/b.txt b _ i r anna ftp 0 * c\n");
	entry = (struct xferlog_entry){
		.path = "/c", .user = "", .began_ms = clock_ms(), .ascii = true, .anonymous = true};
	ck_assert_str_eq(noted(&entry), "1 192.0.2.7 0 /c a _ o a ? ftp 0 * i\n");
}
END_TEST

/* wu-ftpd's own way with blanks. */
START_TEST(a_client_adds_no_field_and_no_line)
{
	struct xferlog_entry entry = {.path = "/a b\nc\td\x7f\xff/文\xc2\x9b",
		.user = "anna ftp 0 * c\nX",
		.began_ms = clock_ms(),
		.complete = true};

	set_up();
	ck_assert_str_eq(noted(&entry),
		"1 192.0.2.7 0 /a_b_c_d__/文__ b _ o r anna_ftp_0_*_c_X ftp 0 * c\n");
}
END_TEST

START_TEST(the_longest_path_makes_one_line)
{
	static char path[VPATH_LONGEST + 1];
	struct xferlog_entry entry = {.path = path, .user = path, .complete = true};
	const char *rest;

	set_up();
	memset(path, 'x', VPATH_LONGEST);
	rest = noted(&entry);
	ck_assert_uint_gt(strlen(rest), VPATH_LONGEST - 10);
	ck_assert_str_eq(rest + strlen(rest) - 11, " ftp 0 * c\n");
	entry.complete = false;
	rest = noted(&entry);
	ck_assert_str_eq(rest + strlen(rest) - 11, " ftp 0 * i\n");
}
END_TEST

START_TEST(without_a_log_nothing_is_noted)
{
	engine.xferlog = -1;
	xferlog_note(&session, &(struct xferlog_entry){.path = "/a", .user = ""});
}
END_TEST

SUITE(xferlog, a_line_has_its_fields, a_client_adds_no_field_and_no_line,
	the_longest_path_makes_one_line, without_a_log_nothing_is_noted)
