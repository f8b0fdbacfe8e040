#include "common/login_message.h"

#include "common/packet.h"
#include "common/rights.h"
#include "tests/unit/suite.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static int ends[2];

static struct login_question a_question(void)
{
	struct login_question question = {.kind = LOGIN_BY_PASSWORD, .listener = 3};

	ck_assert_int_eq(address_parse(&question.peer, "192.0.2.1", 4711), 0);
	strcpy(question.user, "anna");
	strcpy(question.password, "secret");
	return question;
}

static int count_descriptors(void)
{
	int count = 0;

	for (int i = 0; i < 100; i++)
		count += fcntl(i, F_GETFD) >= 0;
	return count;
}

START_TEST(a_question_comes_with_the_socket_for_its_answer)
{
	struct login_question sent = a_question(), got;
	int back[2], there;

	ck_assert_int_eq(login_pair(ends, true), 0);
	ck_assert_int_eq(login_pair(back, false), 0);
	ck_assert_int_eq(login_question_send(ends[0], &sent, back[1]), 0);
	ck_assert_int_eq(login_question_receive(ends[1], &got, &there), 1);
	ck_assert_mem_eq(&got, &sent, sizeof(sent));
	ck_assert_int_eq(send(there, "x", 1, 0), 1);
	ck_assert_int_eq(recv(back[0], &(char){0}, 1, 0), 1);
	ck_assert(fcntl(there, F_GETFD) & FD_CLOEXEC);
}
END_TEST

START_TEST(an_answer_comes_with_the_root)
{
	struct login_answer sent = {.verdict = LOGIN_GRANTED,
				    .may = RIGHT_list,
				    .sessions_most = 3,
				    .name = "anna"},
			    got;
	int root;

	ck_assert_int_eq(login_pair(ends, false), 0);
	ck_assert_int_eq(login_answer_receive(ends[1], &got, &root), -EAGAIN);
	ck_assert_int_eq(login_answer_send(ends[0], &sent, open("/", O_PATH)), 0);
	ck_assert_int_eq(login_answer_receive(ends[1], &got, &root), 1);
	ck_assert_mem_eq(&got, &sent, sizeof(sent));
	ck_assert_int_ge(openat(root, ".", O_RDONLY), 0);
	sent = (struct login_answer){.verdict = LOGIN_REFUSED};
	ck_assert_int_eq(login_answer_send(ends[0], &sent, -1), 0);
	ck_assert_int_eq(login_answer_receive(ends[1], &got, &root), 1);
	ck_assert_int_eq(root, -1);
	close(ends[0]);
	ck_assert_int_eq(login_answer_receive(ends[1], &got, &root), 0);
}
END_TEST

/* Whatever a broken process sends, it is no message, and no descriptor of it stays. */
static void expect_no_question(const void *bytes, size_t size, int descriptor)
{
	int before = count_descriptors(), there;
	struct login_question got;

	ck_assert_int_eq(packet_send(ends[0], bytes, size, descriptor, 0), 0);
	ck_assert_int_eq(login_question_receive(ends[1], &got, &there), -EPROTO);
	ck_assert_int_eq(there, -1);
	ck_assert_int_eq(count_descriptors(), before);
}

START_TEST(broken_questions_are_refused)
{
	struct login_question bad = a_question();
	char long_one[sizeof(bad) + 1] = "";

	ck_assert_int_eq(login_pair(ends, true), 0);
	expect_no_question(&bad, sizeof(bad), -1);
	expect_no_question(&bad, sizeof(bad) - 1, STDERR_FILENO);
	expect_no_question(long_one, sizeof(long_one), STDERR_FILENO);
	bad.kind = LOGIN_KINDS;
	expect_no_question(&bad, sizeof(bad), STDERR_FILENO);
	bad = a_question();
	bad.peer.family = AF_UNIX;
	expect_no_question(&bad, sizeof(bad), STDERR_FILENO);
	bad = a_question();
	memset(bad.user, 'u', sizeof(bad.user));
	expect_no_question(&bad, sizeof(bad), STDERR_FILENO);
	bad = a_question();
	memset(bad.password, 'p', sizeof(bad.password));
	expect_no_question(&bad, sizeof(bad), STDERR_FILENO);
}
END_TEST

static void expect_no_answer(const struct login_answer *bad, int descriptor)
{
	int before = count_descriptors(), root;
	struct login_answer got;

	ck_assert_int_eq(packet_send(ends[0], bad, sizeof(*bad), descriptor, 0), 0);
	ck_assert_int_eq(login_answer_receive(ends[1], &got, &root), -EPROTO);
	ck_assert_int_eq(root, -1);
	ck_assert_int_eq(count_descriptors(), before);
}

START_TEST(broken_answers_are_refused)
{
	struct login_answer bad = {.verdict = LOGIN_VERDICTS, .may = 0, .name = ""};

	ck_assert_int_eq(login_pair(ends, true), 0);
	expect_no_answer(&bad, -1);
	bad = (struct login_answer){
		.verdict = LOGIN_GRANTED, .may = 0, .name = "a grant without a root"};
	expect_no_answer(&bad, -1);
	bad = (struct login_answer){
		.verdict = LOGIN_REFUSED, .may = 0, .name = "a root without a grant"};
	expect_no_answer(&bad, STDERR_FILENO);
	bad = (struct login_answer){
		.verdict = LOGIN_GRANTED, .may = RIGHTS_ALL + 1, .name = "more than there is"};
	expect_no_answer(&bad, STDERR_FILENO);
	bad = (struct login_answer){.verdict = LOGIN_GRANTED, .may = 0, .name = ""};
	memset(bad.name, 'n', sizeof(bad.name));
	expect_no_answer(&bad, STDERR_FILENO);
}
END_TEST

START_TEST(a_full_queue_is_told)
{
	struct login_question question = a_question();
	int error = 0;

	ck_assert_int_eq(login_pair(ends, true), 0);
	for (int i = 0; i < 100000 && error == 0; i++)
		error = login_question_send(ends[0], &question, STDERR_FILENO);
	ck_assert_msg(error == -EAGAIN || error == -ETOOMANYREFS, "%d", error);
}
END_TEST

SUITE(login_message, a_question_comes_with_the_socket_for_its_answer, an_answer_comes_with_the_root,
	broken_questions_are_refused, broken_answers_are_refused, a_full_queue_is_told)
