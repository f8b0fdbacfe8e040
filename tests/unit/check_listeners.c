#include "supervisor/listeners.h"

#include "tests/unit/loading.h"
#include "tests/unit/loopback.h"
#include "tests/unit/quiet_log.h"
#include "tests/unit/suite.h"

#include <stdarg.h>
#include <sys/wait.h>

static struct listeners listeners;
static struct config *config;

/* A port that was free a moment ago. */
static uint16_t free_port(void)
{
	int listening = loopback_listen();
	uint16_t port = loopback_port(listening);

	close(listening);
	return port;
}

static void load_ports(const char *form, ...)
{
	char text[500];
	va_list values;

	va_start(values, form);
	vsnprintf(text, sizeof(text), form, values);
	va_end(values);
	config = load_fine(text);
}

static void open_fine(void)
{
	struct told told;

	told_open(&told);
	ck_assert_int_eq(listeners_open(&listeners, config, &told.complaints), 0);
	told_expect(&told, 0, NULL);
	told_close(&told);
}

static void expect_refused(unsigned int count, const char *words)
{
	struct told told;
	int free_one = dup(0);

	close(free_one);
	told_open(&told);
	ck_assert_int_eq(listeners_open(&listeners, config, &told.complaints), -1);
	told_expect(&told, count, words);
	told_close(&told);
	/* Nothing is open. */
	ck_assert_ptr_null(listeners.sockets);
	ck_assert_int_eq(dup(0), free_one);
	close(free_one);
}

static void forget(void)
{
	listeners_close(&listeners);
	listeners_close(&listeners);
	config_free(config);
}

static void expect_listening(int socket, uint16_t port)
{
	int value = 0;
	socklen_t size = sizeof(value);

	ck_assert_int_eq(getsockopt(socket, SOL_SOCKET, SO_ACCEPTCONN, &value, &size), 0);
	ck_assert_int_eq(value, 1);
	ck_assert_uint_eq(loopback_port(socket), port);
	ck_assert(fcntl(socket, F_GETFL) & O_NONBLOCK);
	ck_assert(fcntl(socket, F_GETFD) & FD_CLOEXEC);
}

START_TEST(all_are_opened_in_their_order)
{
	uint16_t a = free_port(), b = free_port();

	load_ports("listener a { address = 127.0.0.1 port = %u }\n"
		   "listener b { address = 127.0.0.2 port = %u }\n",
		a, b);
	open_fine();
	ck_assert_uint_eq(listeners.count, 2);
	ck_assert_uint_eq(listeners.handed_over, 0);
	expect_listening(listeners.sockets[0], a);
	expect_listening(listeners.sockets[1], b);
	close(loopback_connect(listeners.sockets[0]));
	forget();
}
END_TEST

START_TEST(port_can_be_taken_again_at_once)
{
	uint16_t port = free_port();
	int client, accepted;

	load_ports("listener a { address = 127.0.0.1 port = %u }\n", port);
	open_fine();
	client = loopback_connect(listeners.sockets[0]);
	fcntl(listeners.sockets[0], F_SETFL, 0);
	accepted = accept(listeners.sockets[0], NULL, NULL);
	/* The server's side closes first: its end is left in TIME_WAIT. */
	close(accepted);
	close(client);
	listeners_close(&listeners);
	open_fine();
	forget();
}
END_TEST

START_TEST(port_in_use_is_told_with_its_owner)
{
	int taken = loopback_listen();
	char words[100];

	load_ports("listener a { address = 127.0.0.1 port = %u }\n", loopback_port(taken));
	snprintf(words, sizeof(words), "test.conf:1: listener a: 127.0.0.1:%u is in use by ",
		loopback_port(taken));
	expect_refused(1, words);
	snprintf(words, sizeof(words), "(pid %d)", (int)getpid());
	expect_refused(1, words);
	close(taken);
	forget();
}
END_TEST

START_TEST(all_that_is_wrong_is_told)
{
	int taken = loopback_listen();

	load_ports("listener a { address = 127.0.0.1 port = %u }\n"
		   "listener b { address = 127.0.0.1 port = %u }\n"
		   "listener c {\naddress = 192.0.2.1 port = 8888 }\n",
		loopback_port(taken), free_port());
	expect_refused(2, "test.conf:4: listener c: this machine has no address 192.0.2.1");
	close(taken);
	forget();
}
END_TEST

START_TEST(low_ports_need_permission)
{
	if (geteuid() == 0)
		suite_skip("root may bind every port");
	load_ports("listener a { address = 127.0.0.1 port = 7 }\n");
	if (listeners_open(&listeners, config, &(struct complaints){stderr, 0}) == 0) {
		forget();
		suite_skip("anybody may bind low ports here");
	}
	expect_refused(1, "CAP_NET_BIND_SERVICE");
	forget();
}
END_TEST

static bool has_ipv6(void)
{
	struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
	int listening = socket(AF_INET6, SOCK_STREAM, 0);
	bool has = bind(listening, (struct sockaddr *)&address, sizeof(address)) == 0;

	close(listening);
	return has;
}

START_TEST(both_wildcards_share_a_port)
{
	uint16_t port = free_port();

	if (!has_ipv6())
		suite_skip("no IPv6 here");
	load_ports("listener a { address = :: port = %u }\nlistener b { port = %u }\n"
		   "listener c { address = ::1 port = %u }\n",
		port, port, free_port());
	open_fine();
	ck_assert_uint_eq(listeners.count, 3);
	expect_listening(listeners.sockets[1], port);
	forget();
}
END_TEST

/* Runs the attempt in a process to which systemd has handed the sockets, as sd_listen_fds(3) says.
 * What is wrong, or NULL. */
static void hand_over(const int *sockets, int count, const char *(*attempt)(void))
{
	int status;
	pid_t child;

	quiet_log();
	child = fork();
	/* From here on no check of ours: one of the numbers may be that of the suite's own file. */
	if (child == 0) {
		char number[20];
		const char *wrong;

		for (int i = 0; i < count; i++)
			dup2(fcntl(sockets[i], F_DUPFD, 50), 3 + i);
		snprintf(number, sizeof(number), "%d", (int)getpid());
		setenv("LISTEN_PID", number, 1);
		snprintf(number, sizeof(number), "%d", count);
		setenv("LISTEN_FDS", number, 1);
		wrong = attempt();
		if (wrong)
			fprintf(stderr, "with sockets handed over: %s\n", wrong);
		_exit(wrong != NULL);
	}
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(status, 0);
}

static const char *open_quietly(void)
{
	struct complaints complaints = {stderr, 0};

	return listeners_open(&listeners, config, &complaints) == 0 ? NULL : "refused";
}

static const char *expect_all_handed_over(void)
{
	const char *wrong = open_quietly();

	if (wrong)
		return wrong;
	/* The socket unit's order is not the config's. */
	if (listeners.handed_over != 2 || listeners.sockets[0] != 4 || listeners.sockets[1] != 3)
		return "not both were taken, each for its listener";
	if (!(fcntl(3, F_GETFL) & O_NONBLOCK) || !(fcntl(3, F_GETFD) & FD_CLOEXEC))
		return "they would block, or survive an exec";
	return getenv("LISTEN_FDS") ? "a child would take them for its own" : NULL;
}

START_TEST(sockets_of_systemd_are_taken_over)
{
	int sockets[] = {loopback_listen(), loopback_listen()};

	load_ports("listener a { address = 127.0.0.1 port = %u }\n"
		   "listener b { address = 127.0.0.1 port = %u }\n",
		loopback_port(sockets[1]), loopback_port(sockets[0]));
	hand_over(sockets, 2, expect_all_handed_over);
	forget();
}
END_TEST

static const char *expect_one_of_each(void)
{
	const char *wrong = open_quietly();

	if (wrong)
		return wrong;
	if (listeners.handed_over != 1 || listeners.sockets[1] != 3 || listeners.sockets[0] < 0)
		return "not one handed over and one bound";
	return fcntl(4, F_GETFD) >= 0 && listeners.sockets[0] != 4 ? "the stranger is still open"
								   : NULL;
}

START_TEST(strangers_are_closed_and_the_rest_is_bound)
{
	int sockets[] = {loopback_listen(), loopback_listen()};

	load_ports("listener a { address = 127.0.0.1 port = %u }\n"
		   "listener b { address = 127.0.0.1 port = %u }\n",
		free_port(), loopback_port(sockets[0]));
	hand_over(sockets, 2, expect_one_of_each);
	forget();
}
END_TEST

static const char *expect_wildcard_taken(void)
{
	const char *wrong = open_quietly();

	if (wrong)
		return wrong;
	return listeners.handed_over == 1 && listeners.sockets[0] == 3 ? NULL : "not taken";
}

/* ListenStream=8888 is [::]:8888 for both families. */
START_TEST(socket_for_both_families_fits_the_ipv4_wildcard)
{
	struct sockaddr_in6 any = {.sin6_family = AF_INET6};
	int listening = socket(AF_INET6, SOCK_STREAM, 0);

	if (listening < 0 || bind(listening, (struct sockaddr *)&any, sizeof(any)) < 0)
		suite_skip("no IPv6 here");
	ck_assert_int_eq(listen(listening, 1), 0);
	load_ports("listener a { port = %u }\n", loopback_port(listening));
	hand_over(&listening, 1, expect_wildcard_taken);
	close(listening);
	forget();
}
END_TEST

START_TEST(sockets_for_another_process_are_none_of_ours)
{
	load_ports("listener a { address = 127.0.0.1 port = %u }\n", free_port());
	setenv("LISTEN_PID", "1", 1);
	setenv("LISTEN_FDS", "1", 1);
	open_fine();
	ck_assert_uint_eq(listeners.handed_over, 0);
	forget();
}
END_TEST

SUITE(listeners, all_are_opened_in_their_order, port_can_be_taken_again_at_once,
	port_in_use_is_told_with_its_owner, all_that_is_wrong_is_told, low_ports_need_permission,
	both_wildcards_share_a_port, sockets_of_systemd_are_taken_over,
	strangers_are_closed_and_the_rest_is_bound, socket_for_both_families_fits_the_ipv4_wildcard,
	sockets_for_another_process_are_none_of_ours)
