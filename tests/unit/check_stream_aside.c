/* What a stream does besides its own work: it hears the descriptor beside it, and finds out whether
 * what it sent has arrived, in the cases where the other side has gone or is going. */
#include "worker/stream.h"

#include "common/clock.h"
#include "tests/unit/loopback.h"
#include "tests/unit/suite.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

/* Long: nobody waits for it to pass. Short: long enough for what must not happen to show. */
enum { LONG_MS = 30000, SHORT_MS = 30, MUCH = 16 << 20 };

static struct stream stream;
static char much[MUCH];
static int client;

static void open_stream(void)
{
	int ends[2];

	loopback_pair(ends);
	client = ends[0];
	stream_adopt(&stream, ends[1], LONG_MS, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static void wait_for_input(void)
{
	ck_assert_int_eq(stream_wait_input(&stream, LONG_MS), 1);
}

static void client_sends(const char *text)
{
	ck_assert_int_eq(send(client, text, strlen(text), 0), (ssize_t)strlen(text));
	wait_for_input();
}

/* ---- the descriptor beside ---- */

/* Both ends of what is watched beside the stream, and what was heard there. */
static int aside_ends[2], heard, answer;

static int hear(struct stream_aside *aside, short events)
{
	char byte;

	heard++;
	ck_assert_int_ne(events & (POLLIN | POLLHUP), 0);
	if (recv(aside->socket, &byte, 1, MSG_DONTWAIT) == 0)
		aside->events = 0;
	return answer;
}

static struct stream_aside *open_aside(int ready_answers)
{
	static struct stream_aside aside;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, aside_ends), 0);
	aside = (struct stream_aside){.socket = aside_ends[1], .events = POLLIN, .ready = hear};
	heard = 0;
	answer = ready_answers;
	stream.aside = &aside;
	/* It has not been looked at for long. */
	stream.looked_aside_ms = 0;
	return &aside;
}

static void aside_sends(const char *text)
{
	ck_assert_int_eq(send(aside_ends[0], text, strlen(text), 0), (ssize_t)strlen(text));
}

START_TEST(aside_ends_a_wait)
{
	char byte;

	open_stream();
	open_aside(-ECANCELED);
	aside_sends("x");
	ck_assert_int_eq(stream_wait(&stream, POLLIN, clock_ms() + LONG_MS), -ECANCELED);
	aside_sends("x");
	ck_assert_int_eq(stream_read(&stream, &byte, 1, LONG_MS), -ECANCELED);
	stream_close(&stream);
}
END_TEST

START_TEST(aside_that_says_0_lets_it_go_on)
{
	char bytes[10];

	open_stream();
	client_sends("hello");
	open_aside(0);
	aside_sends("xyz");
	ck_assert_int_eq(stream_read(&stream, bytes, sizeof(bytes), LONG_MS), 5);
	ck_assert_int_eq(heard, 1);
	ck_assert_int_eq(stream_wait_input(&stream, SHORT_MS), 0);
	/* The other two bytes, while it waited. */
	ck_assert_int_eq(heard, 3);
	stream_close(&stream);
}
END_TEST

/* Work that never has to wait hears it as well. */
START_TEST(aside_ends_work)
{
	int file = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	_Atomic uint64_t progress = 0;
	char byte;

	open_stream();
	ck_assert_int_eq(ftruncate(file, 1000), 0);
	client_sends("there is always something to read");
	open_aside(-ECANCELED);
	aside_sends("xxx");
	ck_assert_int_eq(stream_write(&stream, "x", 1, false), -ECANCELED);
	stream.looked_aside_ms = 0;
	ck_assert_int_eq(stream_read(&stream, &byte, 1, LONG_MS), -ECANCELED);
	stream.looked_aside_ms = 0;
	ck_assert_int_eq(stream_send_file(&stream, file, 0, 1000, &progress), -ECANCELED);
	ck_assert_int_eq(heard, 3);
	ck_assert_uint_eq(progress, 0);
	stream_close(&stream);
}
END_TEST

START_TEST(aside_is_looked_at_only_now_and_then)
{
	open_stream();
	open_aside(-ECANCELED);
	stream.looked_aside_ms = clock_ms() + LONG_MS;
	aside_sends("x");
	ck_assert_int_eq(stream_write(&stream, "x", 1, false), 0);
	ck_assert_int_eq(heard, 0);
	stream_close(&stream);
}
END_TEST

/* One that has ended is not heard again and again. */
START_TEST(aside_may_want_to_hear_no_more)
{
	open_stream();
	open_aside(0);
	ck_assert_int_eq(shutdown(aside_ends[0], SHUT_WR), 0);
	ck_assert_int_eq(stream_wait_input(&stream, SHORT_MS), 0);
	ck_assert_int_eq(heard, 1);
	stream_close(&stream);
}
END_TEST

START_TEST(aside_ends_a_write_that_waits)
{
	open_stream();
	open_aside(-ECANCELED);
	stream.looked_aside_ms = clock_ms() + LONG_MS;
	aside_sends("x");
	ck_assert_int_eq(stream_write(&stream, much, MUCH, false), -ECANCELED);
	stream_close(&stream);
}
END_TEST

/* ---- delivery ---- */

/* More than the client has room for. */
static void fill_the_way(void)
{
	while (send(stream.socket, much, MUCH, MSG_DONTWAIT | MSG_NOSIGNAL) > 0)
		;
	ck_assert_int_eq(errno, EAGAIN);
}

START_TEST(delivered_to_one_who_has_ended_his_side)
{
	open_stream();
	ck_assert_int_eq(shutdown(client, SHUT_WR), 0);
	wait_for_input();
	ck_assert_int_eq(stream_write(&stream, "hello", 5, false), 0);
	ck_assert_int_eq(stream_deliver(&stream), 0);
	ck_assert_int_eq(recv(client, much, 10, MSG_DONTWAIT), 5);
	stream_close(&stream);
}
END_TEST

/* Nothing was to be delivered to one who has closed in good order. */
START_TEST(delivered_to_one_who_has_closed)
{
	open_stream();
	close(client);
	wait_for_input();
	ck_assert_int_eq(stream_deliver(&stream), 0);
	stream_close(&stream);
}
END_TEST

static void reset_by_client(void)
{
	struct linger reset = {.l_onoff = 1};

	setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(client);
	wait_for_input();
}

START_TEST(not_delivered_to_one_who_was_gone_before)
{
	open_stream();
	ck_assert_int_eq(stream_write(&stream, "hello", 5, false), 0);
	reset_by_client();
	ck_assert_int_eq(stream_deliver(&stream), -ECONNRESET);
	stream_close(&stream);
}
END_TEST

START_TEST(aside_ends_a_delivery)
{
	open_stream();
	fill_the_way();
	open_aside(-ECANCELED);
	aside_sends("x");
	ck_assert_int_eq(stream_deliver(&stream), -ECANCELED);
	stream_close(&stream);
}
END_TEST

SUITE(stream_aside, aside_ends_a_wait, aside_that_says_0_lets_it_go_on, aside_ends_work,
	aside_is_looked_at_only_now_and_then, aside_may_want_to_hear_no_more,
	aside_ends_a_write_that_waits, delivered_to_one_who_has_ended_his_side,
	delivered_to_one_who_has_closed, not_delivered_to_one_who_was_gone_before,
	aside_ends_a_delivery)
