#include "common/target.h"

#include "tests/unit/suite.h"

#include <errno.h>
#include <string.h>

static struct target read_target(const char *text)
{
	struct target target;

	ck_assert_int_eq(target_parse(&target, text, NULL), 0);
	return target;
}

static struct board_activity somebody(const char *host, const char *user)
{
	struct board_activity activity = {0};

	ck_assert_int_eq(address_parse(&activity.peer, host, 4711), 0);
	snprintf(activity.user, sizeof(activity.user), "%s", user);
	return activity;
}

START_TEST(a_session_is_two_numbers)
{
	static const char *const others[] = {
		"3", "3.", ".17", "3.17.", "3.x", "x.3", "3.17x", "-1.2", "4294967296.0"};
	struct target target = read_target("3.17");
	struct board_activity anybody = somebody("192.0.2.7", "anna");

	ck_assert_int_eq(target.kind, TARGET_SESSION);
	anybody.number = 17;
	ck_assert(target_is(&target, 3, &anybody));
	ck_assert(!target_is(&target, 17, &anybody));
	anybody.number = 18;
	ck_assert(!target_is(&target, 3, &anybody));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		ck_assert_int_ne(read_target(others[i]).kind, TARGET_SESSION);
}
END_TEST

START_TEST(an_address_is_a_network_of_one)
{
	struct board_activity here = somebody("192.0.2.7", ""), there = somebody("192.0.2.8", "");
	struct board_activity six = somebody("2001:db8::1", "");
	struct target one = read_target("192.0.2.7"), all = read_target("192.0.2.0/24");
	struct target wide = read_target("2001:db8::/32");

	ck_assert_int_eq(one.kind, TARGET_NETWORK);
	ck_assert(target_is(&one, 1, &here));
	ck_assert(!target_is(&one, 1, &there));
	ck_assert(target_is(&all, 1, &here) && target_is(&all, 1, &there));
	ck_assert(!target_is(&all, 1, &six));
	ck_assert(target_is(&wide, 1, &six));
}
END_TEST

START_TEST(all_else_is_a_user)
{
	struct target anna = read_target("anna");
	struct board_activity hers = somebody("192.0.2.7", "anna"),
			      his = somebody("192.0.2.7", "ann");

	ck_assert_int_eq(anna.kind, TARGET_USER);
	ck_assert(target_is(&anna, 1, &hers));
	ck_assert(!target_is(&anna, 1, &his));
}
END_TEST

/* As it is on the board. */
START_TEST(a_long_name_is_cut)
{
	char name[100];
	struct board_activity activity;
	struct target target;

	memset(name, 'a', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	activity = somebody("192.0.2.7", name);
	target = read_target(name);
	ck_assert(target_is(&target, 1, &activity));
}
END_TEST

START_TEST(what_follows_is_the_rest)
{
	struct target target;
	const char *rest;
	char text[300];

	ck_assert_int_eq(target_parse(&target, "anna", &rest), 0);
	ck_assert_str_eq(rest, "");
	ck_assert_int_eq(target_parse(&target, "3.17 go home, please", &rest), 0);
	ck_assert_str_eq(rest, "go home, please");
	ck_assert_int_eq(target_parse(&target, "", &rest), -EINVAL);
	ck_assert_int_eq(target_parse(&target, " anna", &rest), -EINVAL);
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(target_parse(&target, text, &rest), -EINVAL);
}
END_TEST

SUITE(target, a_session_is_two_numbers, an_address_is_a_network_of_one, all_else_is_a_user,
	a_long_name_is_cut, what_follows_is_the_rest)
