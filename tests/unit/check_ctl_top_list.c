#include "client/ctl_top_list.h"

#include "tests/unit/suite.h"

#include <string.h>

static struct top_list list;

/* Takes sessions written as JSON between [ ]. */
static void take(double at, const char *sessions)
{
	json_t *answer = json_pack("{s:o}", "sessions", json_loads(sessions, 0, NULL));

	ck_assert_ptr_nonnull(answer);
	ck_assert(top_list_take(&list, answer, at));
	top_list_sort(&list);
	json_decref(answer);
}

static void expect(const char *names)
{
	char all[200] = "";

	for (size_t i = 0; i < list.count; i++)
		snprintf(all + strlen(all), sizeof(all) - strlen(all), "%s%s", i ? " " : "",
			list.all[i].name);
	ck_assert_str_eq(all, names);
}

static const char three[] =
	"[{\"session\":\"0.10\",\"user\":\"anna\",\"peer\":\"[2001:db8::1]:4711\",\"command\":"
	"\"RETR\","
	"\"path\":\"/"
	"a\",\"since_unix\":30,\"command_seconds\":10.0,\"bytes\":1000,\"bytes_total\":4000,"
	"\"bytes_per_second\":100.0},"
	"{\"session\":\"0.9\",\"user\":\"\",\"peer\":\"192.0.2.1:1\",\"command\":\"\",\"since_"
	"unix\":10,"
	"\"bytes\":7000},"
	"{\"session\":\"1.0\",\"user\":\"bert\",\"peer\":\"192.0.2.2:1\",\"command\":\"STOR\","
	"\"since_unix\":20,\"command_seconds\":10.0,\"bytes\":5000,\"bytes_per_second\":500.0}]";

START_TEST(reads_what_the_server_says)
{
	list.with_idle = true;
	take(1, three);
	expect("1.0 0.10 0.9");
	ck_assert_str_eq(list.all[1].peer, "[2001:db8::1]");
	ck_assert_double_eq(list.all[1].total, 4000);
	ck_assert_double_eq(list.all[1].rate, 100);
	ck_assert_double_eq(list.all[0].total, -1);
	ck_assert_double_eq(list.all[2].rate, 0);
}
END_TEST

START_TEST(every_order_can_be_turned)
{
	static const struct {
		enum top_order order;
		const char *sorted, *turned;
	} cases[] = {{TOP_RATE, "1.0 0.10 0.9", "0.10 1.0 0.9"},
		{TOP_BYTES, "1.0 0.10 0.9", "0.10 1.0 0.9"},
		{TOP_SESSION, "0.9 0.10 1.0", "1.0 0.10 0.9"},
		{TOP_USER, "0.9 0.10 1.0", "1.0 0.10 0.9"},
		{TOP_PEER, "0.9 1.0 0.10", "0.10 1.0 0.9"},
		{TOP_COMMAND, "0.10 1.0 0.9", "1.0 0.10 0.9"},
		{TOP_AGE, "0.9 1.0 0.10", "0.10 1.0 0.9"}};

	list.with_idle = true;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		list.order = cases[i].order;
		list.backwards = false;
		take(1, three);
		expect(cases[i].sorted);
		list.backwards = true;
		take(1, three);
		expect(cases[i].turned);
	}
}
END_TEST

START_TEST(who_idles_may_be_left_out)
{
	take(1, three);
	expect("1.0 0.10");
}
END_TEST

START_TEST(the_rate_is_that_of_the_moment)
{
	static const char later[] = "[{\"session\":\"0.10\",\"command\":\"RETR\",\"since_unix\":30,"
				    "\"command_seconds\":12.0,"
				    "\"bytes\":3000,\"bytes_per_second\":250.0},"
				    "{\"session\":\"1.0\",\"command\":\"STOR\",\"since_unix\":99,"
				    "\"command_seconds\":1.0,"
				    "\"bytes\":9000,\"bytes_per_second\":9000.0}]";

	take(1, three);
	take(3, later);
	expect("1.0 0.10");
	/* (1000 a second since, and 100 before) */
	ck_assert_double_eq(list.all[1].rate, 550);
	/* another session in the same row */
	ck_assert_double_eq(list.all[0].rate, 9000);
	take(3, later);
	ck_assert_double_eq(list.all[1].rate, 550);
}
END_TEST

START_TEST(the_chosen_one_is_followed)
{
	list.with_idle = true;
	list.order = TOP_SESSION;
	take(1, three);
	ck_assert_uint_eq(top_list_chosen(&list), 0);
	top_list_choose(&list, 1);
	ck_assert_str_eq(list.chosen, "0.10");
	list.order = TOP_PEER;
	take(1, three);
	ck_assert_uint_eq(top_list_chosen(&list), 2);
	top_list_choose(&list, 100);
	ck_assert_uint_eq(top_list_chosen(&list), 2);
	take(2, "[]");
	ck_assert_uint_eq(top_list_chosen(&list), 0);
	top_list_free(&list);
}
END_TEST

START_TEST(odd_answers_do_no_harm)
{
	list.with_idle = true;
	take(1, "[{}, {\"session\": 5, \"bytes\": \"x\"}, 7]");
	ck_assert_uint_eq(list.count, 3);
	top_list_free(&list);
}
END_TEST

SUITE(ctl_top_list, reads_what_the_server_says, every_order_can_be_turned,
	who_idles_may_be_left_out, the_rate_is_that_of_the_moment, the_chosen_one_is_followed,
	odd_answers_do_no_harm)
