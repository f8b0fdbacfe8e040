#include "worker/guard.h"

#include "common/bans.h"
#include "common/channel.h"
#include "common/clock.h"
#include "tests/unit/loading.h"
#include "tests/unit/quiet_log.h"
#include "tests/unit/suite.h"

#include <string.h>

static struct bans bans;
static struct engine engine;
static int ends[2];

static void open_guard(const char *options)
{
	char text[200];

	quiet_log();
	snprintf(text, sizeof(text), "listener a { }\n%s", options);
	ck_assert_int_eq(bans_open(&bans), 0);
	ck_assert_int_eq(channel_pair(ends), 0);
	engine = (struct engine){
		.config = load_fine(text), .bans = &bans, .channel = ends[1], .questions = -1};
}

static void ban(const char *network, int64_t left_ms, const char *reason)
{
	struct ban set = {.until_unix_ms = left_ms ? clock_unix_ms() + left_ms : 0};

	ck_assert_int_eq(network_parse(&set.network, network), 0);
	snprintf(set.reason, sizeof(set.reason), "%s", reason);
	ck_assert_int_eq(bans_set(&bans, &set), 0);
}

/* "": it is not banned. */
static const char *banned(const char *host)
{
	static char reason[GUARD_REASON];
	struct address address;

	ck_assert_int_eq(address_parse(&address, host, 4711), 0);
	strcpy(reason, "-");
	return guard_is_banned(&engine, &address, reason) ? reason : "";
}

START_TEST(clients_are_told_why_and_for_how_long)
{
	static const struct {
		int64_t left_ms;
		const char *words;
	} cases[] = {{0, "a reason"}, {1, "a reason; try again in 1 seconds"},
		{119900, "a reason; try again in 120 seconds"},
		{121000, "a reason; try again in 3 minutes"},
		{7199000, "a reason; try again in 120 minutes"},
		{7201000, "a reason; try again in 3 hours"},
		{172801000, "a reason; try again in 3 days"}};

	open_guard("");
	ck_assert_str_eq(banned("192.0.2.7"), "");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		/* A second may pass between; what is rounded up stays the same then. */
		ban("192.0.2.7", cases[i].left_ms, "a reason");
		if (i != 1 && i != 2)
			ck_assert_str_eq(banned("192.0.2.7"), cases[i].words);
		ck_assert_ptr_nonnull(strstr(banned("192.0.2.7"), "a reason"));
	}
	ban("192.0.2.8", 0, "");
	ck_assert_str_eq(banned("192.0.2.9"), "");
}
END_TEST

START_TEST(who_is_exempt_is_let_in)
{
	open_guard("ban { exempt = {192.0.2.128/25} }\n");
	ban("192.0.2.0/24", 0, "all");
	ck_assert_str_eq(banned("192.0.2.127"), "all");
	ck_assert_str_eq(banned("192.0.2.128"), "");
}
END_TEST

/* What the master is told, up to the end of its line; "": nothing. */
static const char *report(const char *host, const char *user, const char *password)
{
	static struct channel_message message;
	struct address address;
	int descriptor;

	ck_assert_int_eq(address_parse(&address, host, 4711), 0);
	guard_report(&engine, &address, user, password);
	if (channel_receive(ends[0], &message, &descriptor) != 1)
		return "";
	ck_assert_int_eq(message.word, CHANNEL_LOGIN_FAILED);
	return message.text;
}

START_TEST(reports_tell_attempts_apart_and_nothing_else)
{
	char first[CHANNEL_TEXT];
	const char *other;

	open_guard("");
	strcpy(first, report("192.0.2.7", "anna", "a secret"));
	ck_assert_uint_eq(strlen(first), strlen("192.0.2.7 1234"));
	ck_assert_ptr_null(strstr(first, "anna"));
	ck_assert_ptr_null(strstr(first, "secret"));
	ck_assert_str_eq(report("192.0.2.7", "anna", "a secret"), first);
	ck_assert_str_ne(report("192.0.2.7", "anna", "another"), first);
	ck_assert_str_ne(report("192.0.2.7", "annaa", " secret"), first);
	other = report("fe80::1%1", "anna", "a secret");
	ck_assert_ptr_null(strchr(other, '%'));
	ck_assert_mem_eq(other, "fe80::1 ", 8);
}
END_TEST

START_TEST(nothing_is_reported_when_nobody_counts)
{
	open_guard("ban { failures = 0 }\n");
	ck_assert_str_eq(report("192.0.2.7", "anna", "x"), "");
	engine.bans = NULL;
	ck_assert_str_eq(report("192.0.2.7", "anna", "x"), "");
	ck_assert_str_eq(banned("192.0.2.7"), "");
}
END_TEST

SUITE(guard, clients_are_told_why_and_for_how_long, who_is_exempt_is_let_in,
	reports_tell_attempts_apart_and_nothing_else, nothing_is_reported_when_nobody_counts)
