#include "supervisor/banning.h"

#include "common/clock.h"
#include "supervisor/bans_file.h"
#include "supervisor/failures.h"
#include "tests/unit/loading.h"
#include "tests/unit/quiet_log.h"
#include "tests/unit/suite.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>

static struct config *config;
static struct board board;
static struct pool pool;
static struct state state;
static struct banning banning;

/* No process is behind the pool's slots. */
static void open_with(const char *options)
{
	char text[PATH_MAX + 300], here[PATH_MAX / 2];

	quiet_log();
	snprintf(text, sizeof(text),
		"listener a { }\nworkers = 2\nstate_directory = \"%s/state\"\n%s%s",
		getcwd(here, sizeof(here)), geteuid() == 0 ? "user = nobody\n" : "", options);
	config = load_fine(text);
	if (state.directory <= 0) {
		struct told told;

		told_open(&told);
		ck_assert_int_eq(state_open(&state, config, &told.complaints), 0);
		told_close(&told);
	}
	ck_assert_int_eq(board_open(&board, 2, 4), 0);
	ck_assert_int_eq(pool_open(&pool, config, &board), 0);
	ck_assert_int_eq(banning_open(&banning, config, &pool, &state), 0);
}

static bool is_banned(const char *host, struct ban *ban)
{
	struct address address;

	ck_assert_int_eq(address_parse(&address, host, 1), 0);
	return bans_find(&banning.bans, &address, ban);
}

static void hear(const char *host, unsigned int attempt)
{
	char report[200];

	snprintf(report, sizeof(report), "%s %x", host, attempt);
	banning_hear(&banning, report);
}

START_TEST(so_many_different_failures_ban)
{
	struct ban ban;

	open_with("ban { failures = 3 time = 100 }\n");
	for (int i = 0; i < 50; i++)
		hear("192.0.2.7", 1);
	hear("192.0.2.7", 2);
	ck_assert(!is_banned("192.0.2.7", &ban));
	hear("192.0.2.7", 3);
	ck_assert(is_banned("192.0.2.7", &ban));
	ck_assert_uint_eq(ban.failures, 3);
	ck_assert_int_eq(ban.until_unix_ms - ban.since_unix_ms, 100000);
	ck_assert(!is_banned("192.0.2.8", &ban));
	/* Of IPv6 the whole /64, whichever of its addresses fails. */
	for (unsigned int i = 1; i <= 3; i++) {
		char host[40];

		snprintf(host, sizeof(host), "2001:db8::%u", i);
		hear(host, i);
	}
	ck_assert(is_banned("2001:db8::ffff", &ban));
	ck_assert(!is_banned("2001:db8:0:1::1", &ban));
}
END_TEST

START_TEST(who_is_exempt_is_never_banned)
{
	struct ban ban = {0};

	open_with("ban { failures = 1 exempt = {10.0.0.0/8, 2001:db8::/32} }\n");
	hear("10.1.2.3", 1);
	hear("2001:db8:7::1", 1);
	ck_assert_uint_eq(bans_count(&banning.bans), 0);
	hear("127.0.0.1", 1); /* the default was replaced */
	ck_assert_uint_eq(bans_count(&banning.bans), 1);
	ck_assert_int_eq(network_parse(&ban.network, "10.0.0.0/9"), 0);
	ck_assert_int_eq(banning_set(&banning, &ban), -EPERM);
}
END_TEST

START_TEST(no_failures_are_counted_when_off)
{
	open_with("ban { failures = 0 }\n");
	for (unsigned int i = 0; i < 1000; i++)
		hear("192.0.2.7", i);
	ck_assert_uint_eq(bans_count(&banning.bans), 0);
}
END_TEST

START_TEST(nonsense_of_workers_is_nothing)
{
	static const char *const reports[] = {"", " ", "192.0.2.7", "192.0.2.7 ", "192.0.2.7 x",
		"192.0.2.7 1 2", "192.0.2 1", "fe80::1%lo 1", "fe80::1%1 1", "\xff\xfe 1",
		"192.0.2.0/24 1", " 192.0.2.7 1"};
	char longest[CHANNEL_TEXT];

	open_with("ban { failures = 1 }\n");
	for (size_t i = 0; i < sizeof(reports) / sizeof(reports[0]); i++) {
		banning_hear(&banning, reports[i]);
		/* An empty number is 0, and 0 is one. */
		if (strcmp(reports[i], "192.0.2.7 ") != 0)
			ck_assert_msg(bans_count(&banning.bans) <= 1, "%s", reports[i]);
	}
	memset(longest, '1', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	banning_hear(&banning, longest);
	ck_assert_uint_le(bans_count(&banning.bans), 1);
}
END_TEST

/* However many a worker reports: there are so many, what the operator wants is kept, and he always
 * finds room. */
START_TEST(reports_cannot_fill_the_table_for_the_operator)
{
	struct ban ordered = {.reason = "by hand"}, ban;
	char host[20];

	open_with("ban { failures = 1 }\n");
	ck_assert_int_eq(network_parse(&ordered.network, "192.0.2.7"), 0);
	ck_assert_int_eq(banning_set(&banning, &ordered), 0);
	for (unsigned int i = 0; i < BANS_MOST + 100; i++) {
		snprintf(host, sizeof(host), "10.0.%u.%u", i >> 8, i & 255);
		hear(host, 1);
	}
	ck_assert_uint_eq(bans_count(&banning.bans), BANS_MOST);
	ck_assert(is_banned("192.0.2.7", &ban));
	ck_assert_int_eq(network_parse(&ordered.network, "198.51.100.0/24"), 0);
	ck_assert_int_eq(banning_set(&banning, &ordered), 0);
	ck_assert(is_banned("198.51.100.1", &ban));
	ck_assert_uint_eq(bans_count(&banning.bans), BANS_MOST);
	ck_assert_uint_eq(banning_lift_all(&banning), BANS_MOST);
	ck_assert_uint_eq(bans_count(&banning.bans), 0);
}
END_TEST

START_TEST(what_is_over_is_lifted)
{
	int64_t now = clock_unix_ms();
	struct ban ban = {.since_unix_ms = now, .until_unix_ms = now - 1}, found;

	open_with("");
	ck_assert_int_eq(banning_patience(&banning, 700), 700);
	ck_assert_int_eq(network_parse(&ban.network, "192.0.2.7"), 0);
	ck_assert_int_eq(banning_set(&banning, &ban), 0);
	ck_assert_int_eq(banning_patience(&banning, 700), 0);
	ban.until_unix_ms = now + 86400000;
	ck_assert_int_eq(network_parse(&ban.network, "192.0.2.8"), 0);
	ck_assert_int_eq(banning_set(&banning, &ban), 0);
	ban.until_unix_ms = 0;
	ck_assert_int_eq(network_parse(&ban.network, "192.0.2.9"), 0);
	ck_assert_int_eq(banning_set(&banning, &ban), 0);
	banning_tend(&banning, clock_ms());
	ck_assert(!is_banned("192.0.2.7", &found));
	ck_assert(is_banned("192.0.2.8", &found));
	ck_assert(is_banned("192.0.2.9", &found));
	ck_assert_int_eq(banning_patience(&banning, 700), 700);
}
END_TEST

START_TEST(bans_outlive_the_master)
{
	struct ban ban = {.since_unix_ms = 5, .reason = "a reason of words"}, found;
	int status;

	open_with("");
	ck_assert_int_eq(network_parse(&ban.network, "192.0.2.0/24"), 0);
	ck_assert_int_eq(banning_set(&banning, &ban), 0);
	ban.until_unix_ms = clock_unix_ms() + 86400000;
	ban.failures = 12;
	ck_assert_int_eq(network_parse(&ban.network, "2001:db8::/64"), 0);
	ck_assert_int_eq(banning_set(&banning, &ban), 0);
	/* A child writes it. */
	banning_tend(&banning, clock_ms());
	ck_assert_int_gt(banning.saver, 0);
	ck_assert_int_eq(waitpid(banning.saver, &status, 0), banning.saver);
	ck_assert_int_eq(status, 0);
	ck_assert(!banning_bury(&banning, banning.saver + 1, 0));
	ck_assert(banning_bury(&banning, banning.saver, status));
	ck_assert(!banning.unsaved);
	/* What came later is written at the end. */
	ck_assert_int_eq(network_parse(&ban.network, "198.51.100.7"), 0);
	ck_assert_int_eq(banning_set(&banning, &ban), 0);
	banning_close(&banning);
	pool_close(&pool);
	board_close(&board);
	config_free(config);

	open_with("");
	ck_assert_uint_eq(bans_count(&banning.bans), 3);
	ck_assert(is_banned("192.0.2.1", &found));
	ck_assert_str_eq(found.reason, "a reason of words");
	ck_assert_int_eq(found.until_unix_ms, 0);
	ck_assert(is_banned("2001:db8::1", &found));
	ck_assert_uint_eq(found.failures, 12);
	ck_assert_int_eq(found.until_unix_ms, ban.until_unix_ms);
	ck_assert(is_banned("198.51.100.7", &found));
}
END_TEST

START_TEST(what_a_master_before_had_is_adopted)
{
	struct banning before;
	struct ban ban = {.since_unix_ms = 5, .until_unix_ms = clock_unix_ms() + 300}, found;

	open_with("");
	ck_assert_int_eq(network_parse(&ban.network, "192.0.2.7"), 0);
	ck_assert_int_eq(banning_set(&banning, &ban), 0);
	before = banning;
	ck_assert_int_eq(banning_open(&banning, config, &pool, &state), 0);
	ck_assert_int_eq(banning_adopt(&banning, banning_descriptor(&before)), 1);
	ck_assert(is_banned("192.0.2.7", &found));
	ck_assert_int_le(banning_patience(&banning, 1000), 300);
	ck_assert_int_eq(banning_adopt(&banning, STDIN_FILENO), -EPROTO);
	failures_free(before.failures);
}
END_TEST

START_TEST(a_file_of_nonsense_is_read_past)
{
	static const char text[] = "192.0.2.7 1 0 0 good\n"
				   "192.0.2.8 1 2 0 over\n"
				   "\n"
				   "192.0.2.9\n"
				   "192.0.2.9 1\n"
				   "192.0.2.9 1 0\n"
				   "192.0.2.9 -1 0 0 x\n"
				   "192.0.2.9 1 99999999999999999999 0 x\n"
				   "192.0.2.9 1 0 4294967296 x\n"
				   "192.0.2.9 1 0 0 \x1b[2J\n"
				   "192.0.2.1/24 1 0 0 x\n"
				   "a line of another kind\n"
				   "2001:db8::/32 1 0 0 ";
	struct bans bans;
	uint32_t faults;

	open_with("");
	ck_assert_int_eq(state_replace(&state, "bans", text, strlen(text)), 0);
	ck_assert_int_eq(bans_open(&bans), 0);
	ck_assert_int_eq(bans_file_read(&state, &bans, 1000, &faults), 2);
	ck_assert_uint_eq(faults, 9);
	ck_assert_int_eq(state_remove(&state, "bans"), 0);
	ck_assert_int_eq(bans_file_read(&state, &bans, 1000, &faults), -ENOENT);
}
END_TEST

SUITE(banning, so_many_different_failures_ban, who_is_exempt_is_never_banned,
	no_failures_are_counted_when_off, nonsense_of_workers_is_nothing,
	reports_cannot_fill_the_table_for_the_operator, what_is_over_is_lifted,
	bans_outlive_the_master, what_a_master_before_had_is_adopted,
	a_file_of_nonsense_is_read_past)
