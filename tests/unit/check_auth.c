/* The authenticator's process, as the master looks after it. */
#include "supervisor/auth.h"

#include "common/clock.h"
#include "common/login_message.h"
#include "tests/unit/loading.h"
#include "tests/unit/quiet_log.h"
#include "tests/unit/suite.h"
#include "tests/unit/until.h"

#include <signal.h>
#include <sys/wait.h>

static struct config *config;
static struct auth auth;

static void set_up(const char *text)
{
	quiet_log();
	config = load_fine(text);
	config->sandbox = !SUITE_SANITIZED;
	ck_assert_int_eq(auth_open(&auth, config), 0);
}

static void tear_down(void)
{
	auth_close(&auth);
	config_free(config);
}

/* What one turn of the master's loop does. */
static void look_after(void)
{
	struct pollfd watch = auth_watch(&auth);
	int status;
	pid_t pid = waitpid(-1, &status, WNOHANG);

	if (pid > 0)
		ck_assert(auth_bury(&auth, pid, status, clock_ms()));
	auth_tend(&auth, clock_ms());
	(void)poll(&watch, 1, auth_patience(&auth, 10, clock_ms()));
	auth_hear(&auth, &watch, clock_ms());
}

START_TEST(without_accounts_there_is_none)
{
	set_up("listener a { }\n");
	ck_assert_int_eq(auth.questions, -1);
	ck_assert(auth_is_ready(&auth));
	look_after();
	ck_assert_int_eq(auth.pid, 0);
	ck_assert_int_eq(auth_patience(&auth, 1000, clock_ms()), 1000);
	tear_down();
}
END_TEST

START_TEST(a_dead_one_is_replaced_and_answers_what_was_asked_before)
{
	struct login_question question = {.kind = LOGIN_BY_PASSWORD, .user = "anna"};
	struct login_answer answer;
	int back[2], root, got = -EAGAIN;
	pid_t first;

	set_up("listener a { }\nusers = \"/etc/no such/users\"\n");
	until_doing(auth.ready, look_after());
	first = auth.pid;
	ck_assert_int_gt(first, 0);
	ck_assert_int_eq(kill(first, SIGKILL), 0);
	until_doing(auth.pid == 0 || auth.pid != first, look_after());
	ck_assert_int_eq(address_parse(&question.peer, "192.0.2.1", 0), 0);
	ck_assert_int_eq(login_pair(back, false), 0);
	ck_assert_int_eq(login_question_send(auth.questions, &question, back[1]), 0);
	close(back[1]);
	until_doing(got != -EAGAIN,
		(look_after(), got = login_answer_receive(back[0], &answer, &root)));
	ck_assert_int_eq(got, 1);
	ck_assert_uint_eq(answer.verdict, LOGIN_REFUSED);
	ck_assert_int_ne(auth.pid, first);
	ck_assert_uint_eq(auth.restarts, 1);
	ck_assert(!auth_bury(&auth, first, 0, clock_ms()));
	tear_down();
}
END_TEST

START_TEST(a_silent_one_is_ended)
{
	int64_t now;
	pid_t first;

	set_up("worker_timeout = 5s\nlistener a { }\nusers = \"/etc/no such/users\"\n");
	until_doing(auth.ready, look_after());
	first = auth.pid;
	ck_assert_int_eq(kill(first, SIGSTOP), 0);
	for (now = clock_ms(); now < auth.heard_ms + 4900; now += 1000)
		auth_tend(&auth, now);
	ck_assert_int_eq(waitpid(first, NULL, WNOHANG), 0);
	auth_tend(&auth, auth.heard_ms + 5000);
	until_doing(auth.pid != first, look_after());
	tear_down();
}
END_TEST

/* It was stopped with the rest of us, and is not to blame. */
START_TEST(a_master_that_slept_ends_nobody)
{
	pid_t first;

	set_up("worker_timeout = 5s\nlistener a { }\nusers = \"/etc/no such/users\"\n");
	until_doing(auth.ready, look_after());
	first = auth.pid;
	auth_tend(&auth, clock_ms() + 3600000);
	ck_assert_int_eq(auth.pid, first);
	ck_assert_int_eq(waitpid(first, NULL, WNOHANG), 0);
	tear_down();
}
END_TEST

START_TEST(one_that_cannot_start_is_given_up)
{
	char path[PATH_MAX], text[2 * PATH_MAX];

	snprintf(text, sizeof(text), "listener a { }\nusers = /none\naccount_roots = { \"%s\" }\n",
		scratch_folder(path, "homes"));
	set_up(text);
	ck_assert_int_eq(rmdir(path), 0);
	until_doing(auth_is_hopeless(&auth), look_after());
	ck_assert(!auth_is_ready(&auth));
	look_after();
	ck_assert_int_eq(auth.pid, 0);
	tear_down();
}
END_TEST

SUITE(auth, without_accounts_there_is_none,
	a_dead_one_is_replaced_and_answers_what_was_asked_before, a_silent_one_is_ended,
	a_master_that_slept_ends_nobody, one_that_cannot_start_is_given_up)
