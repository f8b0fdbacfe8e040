#include "worker/stream.h"

#include "common/clock.h"
#include "tests/unit/loopback.h"
#include "tests/unit/suite.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

enum { LONG_MS = 30000 };

/* Long enough for what must not happen to show, short enough for a test. */
enum { SHORT_MS = 30 };

static struct stream stream;
static int client;

static void open_stream(int stall_ms)
{
	int ends[2];

	loopback_pair(ends);
	client = ends[0];
	stream_prepare(ends[1]);
	stream_adopt(&stream, ends[1], stall_ms, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* Waits until the kernel has brought the client's bytes (or its end). */
static void wait_for_input(void)
{
	ck_assert_int_eq(stream_wait_input(&stream, LONG_MS), 1);
}

static void client_sends(const char *text)
{
	ck_assert_int_eq(send(client, text, strlen(text), 0), (ssize_t)strlen(text));
	wait_for_input();
}

static void expect_held(const char *text)
{
	size_t length;
	const char *held = stream_peek(&stream, &length);

	ck_assert_uint_eq(length, strlen(text));
	ck_assert_mem_eq(held, text, length);
}

START_TEST(nothing_is_there_at_first)
{
	open_stream(LONG_MS);
	expect_held("");
	ck_assert_int_eq(stream_fill(&stream), -EAGAIN);
	ck_assert_int_eq(stream_wait_input(&stream, 0), 0);
	ck_assert_int_eq(stream_wait_input(&stream, SHORT_MS), 0);
	stream_rest(&stream);
	ck_assert_ptr_null(stream.input);
	stream_close(&stream);
}
END_TEST

START_TEST(fill_peek_take)
{
	open_stream(LONG_MS);
	client_sends("hello");
	ck_assert_int_eq(stream_fill(&stream), 5);
	expect_held("hello");
	stream_take(&stream, 2);
	expect_held("llo");
	client_sends(" you");
	ck_assert_int_eq(stream_fill(&stream), 4);
	expect_held("llo you");
	stream_take(&stream, 0);
	stream_take(&stream, 7);
	expect_held("");
	stream_close(&stream);
}
END_TEST

START_TEST(parked_stream_has_no_buffer_but_loses_nothing)
{
	open_stream(LONG_MS);
	client_sends("half");
	stream_fill(&stream);
	stream_rest(&stream);
	expect_held("half");
	stream_take(&stream, 4);
	stream_rest(&stream);
	ck_assert_ptr_null(stream.input);
	client_sends("next");
	ck_assert_int_eq(stream_fill(&stream), 4);
	expect_held("next");
	stream_close(&stream);
}
END_TEST

START_TEST(full_buffer_is_told)
{
	static char bytes[STREAM_BUFFER + 1];
	ssize_t got = 0;
	size_t held = 0;

	open_stream(LONG_MS);
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)random();
	ck_assert_int_eq(send(client, bytes, sizeof(bytes), 0), sizeof(bytes));
	while (held < STREAM_BUFFER) {
		wait_for_input();
		got = stream_fill(&stream);
		ck_assert_int_gt(got, 0);
		held += (size_t)got;
	}
	ck_assert_uint_eq(held, STREAM_BUFFER);
	ck_assert_int_eq(stream_fill(&stream), -ENOBUFS);
	ck_assert_mem_eq(stream_peek(&stream, &held), bytes, STREAM_BUFFER);
	/* Room for one more, which goes behind what is held. */
	stream_take(&stream, 1);
	ck_assert_int_eq(stream_fill(&stream), 1);
	ck_assert_mem_eq(stream_peek(&stream, &held), bytes + 1, STREAM_BUFFER);
	stream_close(&stream);
}
END_TEST

START_TEST(end_of_stream)
{
	char byte;

	open_stream(LONG_MS);
	client_sends("x");
	shutdown(client, SHUT_WR);
	ck_assert_int_eq(stream_read(&stream, &byte, 1, LONG_MS), 1);
	ck_assert_int_eq(stream_read(&stream, &byte, 1, LONG_MS), 0);
	ck_assert_int_eq(stream_fill(&stream), 0);
	/* Our direction still works. */
	ck_assert_int_eq(stream_write(&stream, "bye", 3, false), 0);
	ck_assert_int_eq(recv(client, &byte, 1, 0), 1);
	stream_close(&stream);
}
END_TEST

START_TEST(read_takes_buffered_bytes_first)
{
	char bytes[10];

	open_stream(LONG_MS);
	client_sends("abc");
	stream_fill(&stream);
	client_sends("def");
	ck_assert_int_eq(stream_read(&stream, bytes, 2, 0), 2);
	ck_assert_mem_eq(bytes, "ab", 2);
	ck_assert_int_eq(stream_read(&stream, bytes, sizeof(bytes), 0), 1);
	ck_assert_mem_eq(bytes, "c", 1);
	ck_assert_int_eq(stream_read(&stream, bytes, sizeof(bytes), 0), 3);
	ck_assert_mem_eq(bytes, "def", 3);
	stream_close(&stream);
}
END_TEST

START_TEST(read_gives_up_in_time)
{
	int64_t start;
	char byte;

	open_stream(LONG_MS);
	ck_assert_int_eq(stream_read(&stream, &byte, 1, 0), -EAGAIN);
	start = clock_ms();
	ck_assert_int_eq(stream_read(&stream, &byte, 1, SHORT_MS), -EAGAIN);
	ck_assert_int_ge(clock_ms() - start, SHORT_MS);
	stream_close(&stream);
}
END_TEST

START_TEST(little_wakes_no_one_who_gathers)
{
	char bytes[10];

	open_stream(LONG_MS);
	stream_gather(&stream, 1000);
	ck_assert_int_eq(send(client, "abc", 3, 0), 3);
	ck_assert_int_eq(stream_wait_input(&stream, SHORT_MS), 0);
	shutdown(client, SHUT_WR);
	wait_for_input();
	ck_assert_int_eq(stream_read(&stream, bytes, sizeof(bytes), LONG_MS), 3);
	ck_assert_int_eq(stream_read(&stream, bytes, sizeof(bytes), LONG_MS), 0);
	stream_close(&stream);
}
END_TEST

static void *send_one_byte(void *nothing)
{
	(void)nothing;
	ck_assert_int_eq(send(client, "!", 1, 0), 1);
	return NULL;
}

START_TEST(little_is_looked_for_each_second)
{
	pthread_t thread;
	char byte = 0;

	open_stream(LONG_MS);
	stream_gather(&stream, 1000);
	ck_assert_int_eq(pthread_create(&thread, NULL, send_one_byte, NULL), 0);
	ck_assert_int_eq(stream_read(&stream, &byte, 1, LONG_MS), 1);
	ck_assert_int_eq(byte, '!');
	pthread_join(thread, NULL);
	stream_close(&stream);
}
END_TEST

START_TEST(read_waits_for_the_first_byte)
{
	pthread_t thread;
	char byte = 0;

	open_stream(LONG_MS);
	ck_assert_int_eq(pthread_create(&thread, NULL, send_one_byte, NULL), 0);
	ck_assert_int_eq(stream_read(&stream, &byte, 1, LONG_MS), 1);
	ck_assert_int_eq(byte, '!');
	pthread_join(thread, NULL);
	stream_close(&stream);
}
END_TEST

enum { MUCH = 8 << 20 };

static char much[MUCH], received[MUCH + 1];
static size_t received_length;

/* Reads to the end of the stream. */
static void *read_all(void *nothing)
{
	ssize_t got;

	(void)nothing;
	while ((got = recv(client, received + received_length, sizeof(received) - received_length,
			0)) > 0)
		received_length += (size_t)got;
	return NULL;
}

static void fill_much(void)
{
	for (size_t i = 0; i < MUCH; i += sizeof(int))
		memcpy(much + i, &(int){(int)random()}, sizeof(int));
}

START_TEST(write_sends_all_to_a_slow_reader)
{
	pthread_t reader;

	fill_much();
	open_stream(LONG_MS);
	ck_assert_int_eq(pthread_create(&reader, NULL, read_all, NULL), 0);
	ck_assert_int_eq(stream_write(&stream, much, MUCH / 2, true), 0);
	ck_assert_int_eq(stream_write(&stream, much + MUCH / 2, MUCH / 2, false), 0);
	ck_assert_int_eq(stream_flush(&stream), 0);
	stream_finish(&stream, 0);
	pthread_join(reader, NULL);
	ck_assert_uint_eq(received_length, MUCH);
	ck_assert_mem_eq(received, much, MUCH);
	stream_close(&stream);
}
END_TEST

START_TEST(write_gives_up_on_a_reader_that_takes_nothing)
{
	open_stream(SHORT_MS);
	ck_assert_int_eq(stream_write(&stream, much, MUCH, false), -ETIMEDOUT);
	ck_assert_int_eq(stream_flush(&stream), -ETIMEDOUT);
	stream_close(&stream);
}
END_TEST

START_TEST(write_to_one_who_is_gone_fails)
{
	int error;

	open_stream(LONG_MS);
	close(client);
	wait_for_input();
	do {
		error = stream_write(&stream, much, 1000, false);
	} while (error == 0);
	ck_assert(error == -EPIPE || error == -ECONNRESET);
	stream_close(&stream);
}
END_TEST

static int make_file(size_t length)
{
	FILE *file = tmpfile();

	fill_much();
	ck_assert_int_eq(write(fileno(file), much, length), (ssize_t)length);
	return fileno(file);
}

START_TEST(file_is_sent_from_its_offset)
{
	int file = make_file(MUCH);
	_Atomic uint64_t progress = 5;
	pthread_t reader;

	open_stream(LONG_MS);
	ck_assert_int_eq(pthread_create(&reader, NULL, read_all, NULL), 0);
	ck_assert_int_eq(stream_send_file(&stream, file, 12345, MUCH - 12345 - 7, &progress), 0);
	ck_assert_uint_eq(progress, 5 + MUCH - 12345 - 7);
	stream_finish(&stream, 0);
	pthread_join(reader, NULL);
	ck_assert_uint_eq(received_length, MUCH - 12345 - 7);
	ck_assert_mem_eq(received, much + 12345, received_length);
	stream_close(&stream);
}
END_TEST

START_TEST(nothing_of_a_file_is_sent)
{
	int file = make_file(10);
	_Atomic uint64_t progress = 0;

	open_stream(LONG_MS);
	ck_assert_int_eq(stream_send_file(&stream, file, 10, 0, &progress), 0);
	ck_assert_uint_eq(progress, 0);
	stream_close(&stream);
}
END_TEST

START_TEST(file_that_shrinks_is_told)
{
	int file = make_file(1000);
	_Atomic uint64_t progress = 0;

	open_stream(LONG_MS);
	ck_assert_int_eq(ftruncate(file, 600), 0);
	ck_assert_int_eq(stream_send_file(&stream, file, 0, 1000, &progress), -ENODATA);
	ck_assert_uint_eq(progress, 600);
	ck_assert_int_eq(recv(client, received, 1000, MSG_WAITALL | MSG_DONTWAIT), 600);
	ck_assert_mem_eq(received, much, 600);
	stream_close(&stream);
}
END_TEST

START_TEST(file_to_a_reader_that_takes_nothing)
{
	int file = make_file(MUCH);
	_Atomic uint64_t progress = 0;

	open_stream(SHORT_MS);
	ck_assert_int_eq(stream_send_file(&stream, file, 0, MUCH, &progress), -ETIMEDOUT);
	ck_assert_uint_lt(progress, MUCH);
	ck_assert_uint_gt(progress, 0);
	stream_close(&stream);
}
END_TEST

START_TEST(file_to_one_who_is_gone)
{
	int file = make_file(MUCH), error;
	_Atomic uint64_t progress = 0;

	open_stream(LONG_MS);
	close(client);
	do {
		error = stream_send_file(&stream, file, 0, MUCH, &progress);
	} while (error == 0);
	ck_assert(error == -EPIPE || error == -ECONNRESET);
	stream_close(&stream);
}
END_TEST

START_TEST(flush_waits_for_the_acknowledgement)
{
	open_stream(LONG_MS);
	ck_assert_int_eq(stream_flush(&stream), 0);
	ck_assert_int_eq(stream_write(&stream, "hello", 5, false), 0);
	ck_assert_int_eq(stream_flush(&stream), 0);
	/* It is there without any waiting. */
	ck_assert_int_eq(recv(client, received, 10, MSG_DONTWAIT), 5);
	stream_close(&stream);
}
END_TEST

/* The acknowledgement of the end itself may come late; the bytes are there. */
START_TEST(deliver_waits_for_the_bytes)
{
	pthread_t reader;

	fill_much();
	open_stream(LONG_MS);
	ck_assert_int_eq(pthread_create(&reader, NULL, read_all, NULL), 0);
	ck_assert_int_eq(stream_write(&stream, much, MUCH, false), 0);
	ck_assert_int_eq(stream_deliver(&stream), 0);
	stream_close(&stream);
	pthread_join(reader, NULL);
	ck_assert_uint_eq(received_length, MUCH);
	ck_assert_mem_eq(received, much, MUCH);
}
END_TEST

START_TEST(deliver_needs_no_close_by_the_other_side)
{
	open_stream(LONG_MS);
	ck_assert_int_eq(stream_write(&stream, "hello", 5, false), 0);
	ck_assert_int_eq(stream_deliver(&stream), 0);
	ck_assert_int_eq(recv(client, received, 10, MSG_DONTWAIT), 5);
	stream_close(&stream);
	close(client);
}
END_TEST

/* As much as fits into both sides' buffers, and more than the client's takes. */
static void fill_the_way(void)
{
	ssize_t sent;

	do {
		sent = send(stream.socket, much, MUCH, MSG_DONTWAIT | MSG_NOSIGNAL);
	} while (sent > 0);
}

START_TEST(deliver_gives_up_on_a_reader_that_takes_nothing)
{
	open_stream(SHORT_MS);
	fill_the_way();
	ck_assert_int_eq(stream_deliver(&stream), -ETIMEDOUT);
	stream_close(&stream);
	close(client);
}
END_TEST

/* Not before our side has ended. */
static void *close_unread(void *nothing)
{
	struct tcp_info info = {.tcpi_state = TCP_ESTABLISHED};
	socklen_t size = sizeof(info);

	(void)nothing;
	while (info.tcpi_state == TCP_ESTABLISHED) {
		sched_yield();
		ck_assert_int_eq(getsockopt(stream.socket, IPPROTO_TCP, TCP_INFO, &info, &size), 0);
	}
	close(client);
	return NULL;
}

/* Closed over unread bytes, which sends a reset. */
START_TEST(deliver_fails_when_the_other_side_goes_away)
{
	pthread_t closer;

	open_stream(LONG_MS);
	fill_the_way();
	ck_assert_int_eq(pthread_create(&closer, NULL, close_unread, NULL), 0);
	ck_assert_int_eq(stream_deliver(&stream), -ECONNRESET);
	pthread_join(closer, NULL);
	stream_close(&stream);
}
END_TEST

START_TEST(pause_lets_time_pass)
{
	int64_t start;

	open_stream(LONG_MS);
	start = clock_ms();
	ck_assert_int_eq(stream_pause(&stream, SHORT_MS), 0);
	ck_assert_int_ge(clock_ms() - start, SHORT_MS);
	/* Whatever comes meanwhile stays where it is, and a client may end his own direction. */
	client_sends("x");
	shutdown(client, SHUT_WR);
	start = clock_ms();
	ck_assert_int_eq(stream_pause(&stream, SHORT_MS), 0);
	ck_assert_int_ge(clock_ms() - start, SHORT_MS);
	ck_assert_int_eq(stream_fill(&stream), 1);
	stream_close(&stream);
}
END_TEST

static void *cut_stream(void *nothing)
{
	(void)nothing;
	stream_shutdown(&stream);
	return NULL;
}

static void *close_client(void *nothing)
{
	struct linger reset = {.l_onoff = 1};

	(void)nothing;
	setsockopt(client, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(client);
	return NULL;
}

START_TEST(pause_ends_when_the_client_is_gone)
{
	static void *(*const ways[])(void *) = {cut_stream, close_client};

	for (size_t i = 0; i < 2; i++) {
		pthread_t thread;
		int64_t start = clock_ms();

		open_stream(LONG_MS);
		ck_assert_int_eq(pthread_create(&thread, NULL, ways[i], NULL), 0);
		ck_assert_int_eq(stream_pause(&stream, LONG_MS), -ECONNRESET);
		ck_assert_int_lt(clock_ms() - start, LONG_MS);
		pthread_join(thread, NULL);
		stream_close(&stream);
	}
}
END_TEST

START_TEST(shutdown_wakes_a_reader)
{
	pthread_t thread;
	char byte;

	open_stream(LONG_MS);
	ck_assert_int_eq(pthread_create(&thread, NULL, cut_stream, NULL), 0);
	ck_assert_int_le(stream_read(&stream, &byte, 1, LONG_MS), 0);
	pthread_join(thread, NULL);
	ck_assert_int_eq(stream_write(&stream, "x", 1, false), -EPIPE);
	stream_close(&stream);
}
END_TEST

START_TEST(shutdown_wakes_a_writer)
{
	pthread_t thread;

	open_stream(LONG_MS);
	ck_assert_int_eq(pthread_create(&thread, NULL, cut_stream, NULL), 0);
	ck_assert_int_eq(stream_write(&stream, much, MUCH, false), -EPIPE);
	pthread_join(thread, NULL);
	stream_close(&stream);
}
END_TEST

/* Closing over unread bytes would reset the connection and destroy our last words. */
START_TEST(finish_saves_the_last_words)
{
	open_stream(LONG_MS);
	client_sends("a request that nobody reads any more");
	stream_say(&stream, "bye", 3);
	shutdown(client, SHUT_WR);
	stream_finish(&stream, LONG_MS);
	stream_close(&stream);
	ck_assert_int_eq(recv(client, received, 10, 0), 3);
	ck_assert_mem_eq(received, "bye", 3);
	ck_assert_int_eq(recv(client, received, 10, 0), 0);
}
END_TEST

START_TEST(finish_does_not_linger_longer_than_told)
{
	int64_t start = clock_ms();

	open_stream(LONG_MS);
	stream_finish(&stream, 0);
	stream_finish(&stream, SHORT_MS);
	ck_assert_int_lt(clock_ms() - start, LONG_MS);
	ck_assert_int_eq(recv(client, received, 10, 0), 0);
	stream_close(&stream);
}
END_TEST

START_TEST(last_words_never_wait)
{
	int64_t start = clock_ms();

	open_stream(LONG_MS);
	for (int i = 0; i < 20000; i++)
		stream_say(&stream, much, 1000);
	ck_assert_int_lt(clock_ms() - start, LONG_MS);
	stream_close(&stream);
}
END_TEST

START_TEST(close_is_idempotent)
{
	open_stream(LONG_MS);
	client_sends("x");
	stream_fill(&stream);
	stream_close(&stream);
	ck_assert_int_eq(stream.socket, -1);
	stream_close(&stream);
}
END_TEST

START_TEST(socket_is_set_up)
{
	int value = 0;
	socklen_t size = sizeof(value);

	open_stream(LONG_MS);
	getsockopt(stream.socket, IPPROTO_TCP, TCP_NODELAY, &value, &size);
	ck_assert_int_ne(value, 0);
	value = 0;
	getsockopt(stream.socket, SOL_SOCKET, SO_KEEPALIVE, &value, &size);
	ck_assert_int_ne(value, 0);
	stream_close(&stream);
}
END_TEST

SUITE(stream, little_wakes_no_one_who_gathers, little_is_looked_for_each_second,
	nothing_is_there_at_first, fill_peek_take, parked_stream_has_no_buffer_but_loses_nothing,
	full_buffer_is_told, end_of_stream, read_takes_buffered_bytes_first, read_gives_up_in_time,
	read_waits_for_the_first_byte, write_sends_all_to_a_slow_reader,
	write_gives_up_on_a_reader_that_takes_nothing, write_to_one_who_is_gone_fails,
	file_is_sent_from_its_offset, nothing_of_a_file_is_sent, file_that_shrinks_is_told,
	file_to_a_reader_that_takes_nothing, file_to_one_who_is_gone,
	flush_waits_for_the_acknowledgement, deliver_waits_for_the_bytes,
	deliver_needs_no_close_by_the_other_side, deliver_gives_up_on_a_reader_that_takes_nothing,
	deliver_fails_when_the_other_side_goes_away, pause_lets_time_pass,
	pause_ends_when_the_client_is_gone, shutdown_wakes_a_reader, shutdown_wakes_a_writer,
	finish_saves_the_last_words, finish_does_not_linger_longer_than_told, last_words_never_wait,
	close_is_idempotent, socket_is_set_up)
