#include "supervisor/status.h"

#include "tests/unit/loading.h"
#include "tests/unit/suite.h"
#include "tests/unit/until.h"

#include <sys/socket.h>
#include <sys/un.h>

static struct status_pipe status_pipe;
static struct config *config;
static unsigned int asked;
static uid_t asker_uid;
static pid_t asker_pid;

enum { LARGE = 4 << 20 };

/* "large": more than any socket's buffer; "nothing": out of memory; else the question itself. */
static char *answer(void *context, const struct status_asker *asker)
{
	char *text = NULL;

	ck_assert_ptr_eq(context, &asked);
	asked++;
	asker_uid = asker->uid;
	asker_pid = asker->pid;
	if (!strcmp(asker->question, "nothing"))
		return NULL;
	if (!strcmp(asker->question, "large")) {
		text = malloc(LARGE + 1);
		memset(text, 'x', LARGE);
		text[LARGE] = '\0';
		return text;
	}
	ck_assert_int_gt(asprintf(&text, "<%s>", asker->question), 0);
	return text;
}

static void open_pipe(void)
{
	struct told told;
	char here[PATH_MAX], path[PATH_MAX + 10];

	config = load_fine("listener a { }\n");
	snprintf(path, sizeof(path), "%s/status", getcwd(here, sizeof(here)));
	free(config->status_path);
	config->status_path = strdup(path);
	told_open(&told);
	ck_assert_int_eq(status_open(&status_pipe, config, &told.complaints, answer, &asked), 0);
	told_expect(&told, 0, NULL);
	told_close(&told);
}

static void close_pipe(void)
{
	status_close(&status_pipe);
	config_free(config);
}

/* One turn of the master's loop. How many events it had. */
static int turn_at(int64_t now_ms)
{
	struct pollfd watches[STATUS_WATCHES];
	int events;

	status_watch(&status_pipe, watches);
	events = poll(watches, STATUS_WATCHES, 0);
	ck_assert_int_ge(events, 0);
	status_hear(&status_pipe, watches, now_ms);
	return events;
}

static void turns(void)
{
	while (turn_at(1000) > 0)
		;
}

static int connect_asker(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int client = socket(AF_UNIX, SOCK_STREAM, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", config->status_path);
	ck_assert_int_eq(connect(client, (struct sockaddr *)&address, sizeof(address)), 0);
	return client;
}

static void say(int client, const char *text)
{
	ck_assert_int_eq(send(client, text, strlen(text), MSG_NOSIGNAL), (ssize_t)strlen(text));
}

/* The answer is there, and the end behind it. */
static void expect_answer(int client, const char *text)
{
	char got[1000];
	ssize_t length = recv(client, got, sizeof(got), MSG_DONTWAIT | MSG_WAITALL);

	ck_assert_int_eq(length, (ssize_t)strlen(text));
	ck_assert_mem_eq(got, text, strlen(text));
	ck_assert_int_eq(recv(client, got, 1, MSG_DONTWAIT), 0);
	close(client);
}

static bool is_dropped(int client)
{
	char byte;
	ssize_t got = recv(client, &byte, 1, MSG_DONTWAIT);

	return got == 0 || (got < 0 && errno != EAGAIN);
}

START_TEST(line_in_answer_out)
{
	int client;

	open_pipe();
	client = connect_asker();
	say(client, "status\n");
	turns();
	expect_answer(client, "<status>");
	ck_assert_uint_eq(asked, 1);
	ck_assert_uint_eq(asker_uid, geteuid());
	ck_assert_int_eq(asker_pid, getpid());
	close_pipe();
}
END_TEST

START_TEST(question_may_come_in_pieces)
{
	int client;

	open_pipe();
	client = connect_asker();
	turns();
	for (const char *letter = "status"; *letter; letter++) {
		char text[] = {*letter, '\0'};

		say(client, text);
		turns();
		ck_assert_uint_eq(asked, 0);
	}
	say(client, "\nmore\n");
	turns();
	ck_assert_uint_eq(asked, 1);
	close_pipe();
}
END_TEST

/* As a tool does that shuts its direction down behind the question. */
START_TEST(asker_may_end_his_direction)
{
	int client;

	open_pipe();
	client = connect_asker();
	say(client, "status\n");
	shutdown(client, SHUT_WR);
	turns();
	expect_answer(client, "<status>");
	close_pipe();
}
END_TEST

START_TEST(question_has_a_longest)
{
	char question[STATUS_QUESTION + 2], wanted[STATUS_QUESTION + 4];
	int client;

	open_pipe();
	memset(question, 'q', sizeof(question));
	question[STATUS_QUESTION - 2] = '\n';
	question[STATUS_QUESTION - 1] = '\0';
	client = connect_asker();
	say(client, question);
	turns();
	snprintf(wanted, sizeof(wanted), "<%.*s>", STATUS_QUESTION - 2, question);
	expect_answer(client, wanted);
	question[STATUS_QUESTION - 2] = 'q';
	question[STATUS_QUESTION - 1] = 'q';
	question[STATUS_QUESTION] = '\n';
	question[STATUS_QUESTION + 1] = '\0';
	client = connect_asker();
	say(client, question);
	turns();
	question[STATUS_QUESTION - 1] = '\0';
	snprintf(wanted, sizeof(wanted), "<%s>", question);
	expect_answer(client, wanted);
	ck_assert_uint_eq(asked, 2);
	close_pipe();
}
END_TEST

/* Neither is the answer lost, nor does whoever talks on wait for ever. */
START_TEST(what_follows_a_question_is_thrown_away)
{
	static const char more[4096];
	int client;

	open_pipe();
	client = connect_asker();
	say(client, "status\n");
	while (send(client, more, sizeof(more), MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		;
	turns();
	ck_assert_int_lt(send(client, more, 1, MSG_DONTWAIT | MSG_NOSIGNAL), 0);
	ck_assert_int_eq(errno, EPIPE);
	expect_answer(client, "<status>");
	ck_assert_uint_eq(asked, 1);
	close_pipe();
}
END_TEST

START_TEST(those_who_leave_are_dropped)
{
	int client;

	open_pipe();
	for (int i = 0; i < 3 * STATUS_ASKERS; i++) {
		client = connect_asker();
		if (i % 3 == 1)
			say(client, "stat");
		if (i % 3 == 2)
			say(client, "large\n");
		turn_at(1000);
		close(client);
		turns();
	}
	client = connect_asker();
	say(client, "status\n");
	turns();
	expect_answer(client, "<status>");
	close_pipe();
}
END_TEST

START_TEST(slow_asker_holds_up_nobody)
{
	static char text[LARGE];
	int slow, client;
	size_t length = 0;
	ssize_t got;

	open_pipe();
	slow = connect_asker();
	say(slow, "large\n");
	turns();
	for (int i = 0; i < 10; i++) {
		client = connect_asker();
		say(client, "status\n");
		turns();
		expect_answer(client, "<status>");
	}
	while ((got = recv(slow, text, sizeof(text), MSG_DONTWAIT)) != 0) {
		if (got > 0)
			length += (size_t)got;
		else
			ck_assert_int_eq(errno, EAGAIN);
		turns();
	}
	ck_assert_uint_eq(length, LARGE);
	close(slow);
	close_pipe();
}
END_TEST

START_TEST(silent_ones_are_dropped_after_a_while)
{
	int silent, slow, client;

	open_pipe();
	silent = connect_asker();
	slow = connect_asker();
	say(slow, "large\n");
	for (int i = 0; i < 5; i++)
		turn_at(1000);
	turn_at(1001);
	ck_assert(!is_dropped(silent));
	turn_at(1000 + 60000);
	ck_assert(is_dropped(silent));
	while (!is_dropped(slow))
		;
	/* Whoever comes later has his own while. */
	client = connect_asker();
	turn_at(1000 + 60000);
	say(client, "status\n");
	turn_at(1000 + 60001);
	turn_at(1000 + 60002);
	expect_answer(client, "<status>");
	close(silent);
	close(slow);
	close_pipe();
}
END_TEST

START_TEST(more_askers_than_places)
{
	int clients[STATUS_ASKERS + 10];

	open_pipe();
	for (int i = 0; i < STATUS_ASKERS + 10; i++)
		clients[i] = connect_asker();
	turns();
	/* The last ones wait in the kernel's queue, and nothing spins meanwhile. */
	say(clients[STATUS_ASKERS + 9], "late\n");
	ck_assert_int_eq(turn_at(1000), 0);
	for (int i = 0; i < STATUS_ASKERS; i++)
		say(clients[i], "early\n");
	turns();
	for (int i = 0; i < STATUS_ASKERS; i++)
		expect_answer(clients[i], "<early>");
	expect_answer(clients[STATUS_ASKERS + 9], "<late>");
	close_pipe();
}
END_TEST

START_TEST(no_memory_for_an_answer)
{
	int client;

	open_pipe();
	client = connect_asker();
	say(client, "nothing\n");
	turns();
	ck_assert(is_dropped(client));
	close(client);
	close_pipe();
}
END_TEST

START_TEST(odd_questions)
{
	static const char *const questions[] = {"\n", " \n", "\xff\xfe\n", "\r\n"};
	int client;

	open_pipe();
	for (size_t i = 0; i < 4; i++) {
		client = connect_asker();
		say(client, questions[i]);
		turns();
		ck_assert_uint_eq(asked, i + 1);
		close(client);
	}
	client = connect_asker();
	ck_assert_int_eq(send(client, "a\0b\n", 4, 0), 4);
	turns();
	expect_answer(client, "<a?b>");
	close_pipe();
}
END_TEST

START_TEST(close_removes_the_socket)
{
	int client;

	open_pipe();
	client = connect_asker();
	turns();
	ck_assert(scratch_exists(config->status_path));
	status_close(&status_pipe);
	ck_assert(!scratch_exists(config->status_path));
	ck_assert(is_dropped(client));
	status_close(&status_pipe);
	close(client);
	config_free(config);
}
END_TEST

SUITE(status, line_in_answer_out, question_may_come_in_pieces, asker_may_end_his_direction,
	question_has_a_longest, what_follows_a_question_is_thrown_away, those_who_leave_are_dropped,
	slow_asker_holds_up_nobody, silent_ones_are_dropped_after_a_while, more_askers_than_places,
	no_memory_for_an_answer, odd_questions, close_removes_the_socket)
