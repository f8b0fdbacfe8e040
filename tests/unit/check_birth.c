#include "supervisor/birth.h"

#include "common/channel.h"
#include "tests/unit/loading.h"
#include "tests/unit/loopback.h"
#include "tests/unit/quiet_log.h"
#include "tests/unit/suite.h"
#include "tests/unit/until.h"

#include <sys/wait.h>

enum { WORKERS = 2 };

static struct config *config;
static struct board board;
static int listening;

static void prepare(void)
{
	config = load_fine("listener a { address = 127.0.0.1 }\nlimits { sessions = 10 }\n");
	config->sandbox = !SUITE_SANITIZED;
	/* The workers' user shall read the root. */
	ck_assert_int_eq(chmod(config->root, 0755), 0);
	quiet_log();
	listening = loopback_listen();
	fcntl(listening, F_SETFL, O_NONBLOCK);
	ck_assert_int_eq(board_open(&board, WORKERS, 10), 0);
}

/* A worker in that slot that is ready. */
static pid_t birth(uint32_t slot, int *channel)
{
	struct birthright birthright = {.config = config,
		.board = &board,
		.slot = slot,
		.questions = -1,
		.listeners = &listening};
	struct channel_message message;
	int descriptor, got = -1;
	pid_t pid = birth_fork(&birthright, channel);

	ck_assert_int_gt(pid, 0);
	until_doing(got != -EAGAIN, got = channel_receive(*channel, &message, &descriptor));
	ck_assert_int_eq(got, 1);
	ck_assert_int_eq(message.word, CHANNEL_READY);
	return pid;
}

/* The end of its channel tells it to leave. */
static void expect_leaving(pid_t pid, int channel)
{
	int status;

	close(channel);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), WORKER_DRAINED);
}

START_TEST(child_has_none_of_the_master_s_descriptors)
{
	int channel, tubes[30][2];
	pid_t pid;

	prepare();
	for (int i = 0; i < 30; i++)
		ck_assert_int_eq(pipe(tubes[i]), 0);
	pid = birth(0, &channel);
	/* It lives, and still nobody else holds the other ends. */
	for (int i = 0; i < 30; i++) {
		close(tubes[i][1]);
		ck_assert_int_eq(read(tubes[i][0], &(char){0}, 1), 0);
	}
	ck_assert_int_eq(waitpid(pid, NULL, WNOHANG), 0);
	expect_leaving(pid, channel);
	config_free(config);
}
END_TEST

/* Whatever the numbers of those it keeps are. */
START_TEST(child_keeps_its_listener_log_and_channel)
{
	int channel, client, high = 0;
	char reply[10];
	pid_t pid;

	prepare();
	high = fcntl(listening, F_DUPFD_CLOEXEC, 400);
	close(listening);
	listening = high;
	pid = birth(1, &channel);
	client = loopback_connect(listening);
	ck_assert_int_eq(send(client, "L\n", 2, 0), 2);
	ck_assert_int_eq(recv(client, reply, 3, MSG_WAITALL), 3);
	ck_assert_mem_eq(reply, "OK ", 3);
	ck_assert_uint_eq(board.workers[1].listeners[0].counters[COUNT_sessions_opened], 1);
	ck_assert_uint_eq(board.workers[0].listeners[0].counters[COUNT_sessions_opened], 0);
	ck_assert_int_eq(channel_send(channel, CHANNEL_DRAIN, "", -1), 0);
	expect_leaving(pid, channel);
	config_free(config);
}
END_TEST

/* A sister that held a copy of the master's end would keep it from ever seeing the end. */
START_TEST(sisters_do_not_hold_each_other_s_channels)
{
	int first_channel, second_channel;
	pid_t first, second;

	prepare();
	first = birth(0, &first_channel);
	second = birth(1, &second_channel);
	expect_leaving(first, first_channel);
	ck_assert_int_eq(waitpid(second, NULL, WNOHANG), 0);
	expect_leaving(second, second_channel);
	config_free(config);
}
END_TEST

START_TEST(child_that_cannot_start_says_why)
{
	struct birthright birthright = {
		.board = &board, .slot = 0, .questions = -1, .listeners = &listening};
	struct channel_message message;
	int channel, descriptor, status;
	pid_t pid;

	prepare();
	free(config->root);
	config->root = strdup("/no/such");
	birthright.config = config;
	pid = birth_fork(&birthright, &channel);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_eq(WEXITSTATUS(status), WORKER_CANNOT_START);
	ck_assert_int_eq(channel_receive(channel, &message, &descriptor), 1);
	ck_assert_int_eq(message.word, CHANNEL_FAILED);
	ck_assert_str_eq(message.text, "root: No such file or directory");
	ck_assert_int_eq(channel_receive(channel, &message, &descriptor), 0);
	close(channel);
	config_free(config);
}
END_TEST

/* How many descriptors are open, as an exit status. */
static int count_descriptors(const void *most)
{
	int count = 0;

	for (int i = 0; i < *(const int *)most; i++)
		count += fcntl(i, F_GETFD) >= 0;
	return count;
}

START_TEST(child_with_an_errand_has_the_log_and_nothing_else)
{
	int tubes[30][2], most = 200, status;
	int log = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 100);
	pid_t pid;

	ck_assert_int_eq(log_adopt(log), 0);
	for (int i = 0; i < 30; i++)
		ck_assert_int_eq(pipe(tubes[i]), 0);
	pid = birth_fork_errand(count_descriptors, &most, -1, -1);
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert(WIFEXITED(status));
	ck_assert_int_le(WEXITSTATUS(status), 4);
	ck_assert_int_ge(WEXITSTATUS(status), 1);
}
END_TEST

SUITE(birth, child_has_none_of_the_master_s_descriptors, child_keeps_its_listener_log_and_channel,
	sisters_do_not_hold_each_other_s_channels, child_that_cannot_start_says_why,
	child_with_an_errand_has_the_log_and_nothing_else)
