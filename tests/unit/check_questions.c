#include "supervisor/questions.h"

#include "tests/unit/master_setup.h"
#include "tests/unit/suite.h"

#include <jansson.h>

/* The answer to a question from that user; the caller's to drop. */
static json_t *ask_as(uid_t uid, const char *question)
{
	struct status_asker asker = {.socket = -1, .uid = uid, .pid = 4711};
	char *text;
	json_t *answer;

	snprintf(asker.question, sizeof(asker.question), "%s", question);
	text = questions_answer(&master, &asker);
	ck_assert_ptr_nonnull(text);
	answer = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	ck_assert_msg(json_is_object(answer), "no JSON object: %s", text);
	free(text);
	return answer;
}

static bool answers(const char *question, const char *key)
{
	json_t *answer = ask_as(geteuid(), question);
	bool has = json_object_get(answer, key) != NULL;

	json_decref(answer);
	return has;
}

START_TEST(each_question_has_its_answer)
{
	master_set_up();
	ck_assert(answers("status", "uptime_seconds"));
	ck_assert(answers("workers", "workers"));
	ck_assert(answers("sessions", "sessions"));
	ck_assert(!master.stopping);
	master_tear_down();
}
END_TEST

START_TEST(bans_are_set_shown_and_lifted)
{
	static const char *const wrong[] = {"ban", "ban 192.0.2.7", "ban 192.0.2.7 x",
		"ban 192.0.2.7 -1", "ban 192.0.2.1/24 0", "ban 192.0.2.7 99999999999999",
		"ban 127.0.0.1 0", "ban 192.0.2.7 0 a\x07", "unban", "unban 192.0.2.7", "unban x"};
	json_t *answer;

	master_set_up();
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		ck_assert_msg(answers(wrong[i], "error"), "taken: %s", wrong[i]);
	ck_assert(answers("ban 2001:db8::7 90 a reason", "done"));
	ck_assert(answers("ban 192.0.2.7 0", "done"));
	answer = ask_as(4711, "bans");
	ck_assert_uint_eq(json_array_size(json_object_get(answer, "bans")), 2);
	json_decref(answer);
	answer = ask_as(4711, "unban all");
	ck_assert_ptr_nonnull(json_object_get(answer, "error")); /* an order */
	json_decref(answer);
	ck_assert(answers("unban 2001:db8::8", "done"));
	ck_assert(answers("unban all", "done"));
	ck_assert_uint_eq(bans_count(&master.banning.bans), 0);
	master_tear_down();
}
END_TEST

START_TEST(other_questions_are_refused)
{
	static const char *const questions[] = {
		"", "statu", "status ", "STATUS", "status stop", "help"};

	master_set_up();
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
		ck_assert_msg(answers(questions[i], "error"), "answered: %s", questions[i]);
	ck_assert(!master.stopping);
	master_tear_down();
}
END_TEST

START_TEST(anybody_who_may_ask_may_read)
{
	json_t *answer;

	master_set_up();
	answer = ask_as(4711, "status");
	ck_assert_ptr_null(json_object_get(answer, "error"));
	json_decref(answer);
	master_tear_down();
}
END_TEST

START_TEST(orders_need_root_or_the_service_s_user)
{
	uid_t users[] = {4711, 0, geteuid(), 12345};

	master_set_up();
	master_config->uid = 12345;
	/* No process is behind the slots. */
	for (int i = 0; i < MASTER_WORKERS; i++)
		master.pool.slots[i].state = POOL_VACANT;
	for (size_t i = 0; i < 4; i++) {
		json_t *answer;

		master.stopping = master.pool.stopping = false;
		answer = ask_as(users[i], "stop");
		ck_assert_int_eq(json_object_get(answer, "error") != NULL, i == 0);
		ck_assert_int_eq(master.stopping, i > 0);
		json_decref(answer);
	}
	master_tear_down();
}
END_TEST

SUITE(questions, bans_are_set_shown_and_lifted, each_question_has_its_answer,
	other_questions_are_refused, anybody_who_may_ask_may_read,
	orders_need_root_or_the_service_s_user)
