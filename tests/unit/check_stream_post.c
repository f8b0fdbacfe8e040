#include "worker/stream_post.h"

#include "tests/unit/loopback.h"
#include "tests/unit/suite.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>

enum { LONG_MS = 30000, PIECE = 8000, LARGE = STREAM_POSTED + PIECE };

static struct stream stream;
static int client;

/* Little fits into the kernel's buffer, so that the test's does not have to be large. The client's
 * stays as it is: over a tiny window TCP takes its time. */
static void open_stream(void)
{
	int ends[2], small = 32768;

	loopback_pair(ends);
	client = ends[0];
	setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	stream_adopt(&stream, ends[1], LONG_MS, NULL);
	signal(SIGPIPE, SIG_IGN);
}

/* The byte at each place tells the place. */
static void post(size_t at, size_t length)
{
	char *bytes = malloc(length);

	for (size_t i = 0; i < length; i++)
		bytes[i] = (char)((at + i) % 251);
	ck_assert_int_eq(stream_post(&stream, bytes, length, false), 0);
	free(bytes);
}

static size_t post_until_kept(void)
{
	size_t posted = 0;

	for (; !stream_has_posted(&stream); posted += PIECE)
		post(posted, PIECE);
	return posted;
}

static void expect_bytes(size_t count)
{
	for (size_t at = 0; at < count;) {
		unsigned char bytes[4096];
		size_t want = count - at < sizeof(bytes) ? count - at : sizeof(bytes);
		ssize_t got = recv(client, bytes, want, 0);

		ck_assert_int_gt(got, 0);
		for (ssize_t i = 0; i < got; i++, at++)
			ck_assert_uint_eq(bytes[i], at % 251);
	}
}

static void *read_all(void *count)
{
	expect_bytes(*(size_t *)count);
	return NULL;
}

START_TEST(what_fits_is_sent_at_once)
{
	open_stream();
	post(0, 100);
	ck_assert(!stream_has_posted(&stream));
	ck_assert_int_eq(stream_post_more(&stream), 0);
	expect_bytes(100);
	stream_close(&stream);
}
END_TEST

START_TEST(the_rest_is_kept_and_comes_in_order)
{
	pthread_t reader;
	size_t posted;

	open_stream();
	posted = post_until_kept();
	ck_assert_int_eq(stream_post_more(&stream), -EAGAIN);
	post(posted, PIECE);
	posted += PIECE;
	ck_assert_int_eq(pthread_create(&reader, NULL, read_all, &posted), 0);
	ck_assert_int_eq(stream_post_all(&stream), 0);
	ck_assert(!stream_has_posted(&stream));
	pthread_join(reader, NULL);
	stream_close(&stream);
}
END_TEST

START_TEST(more_than_is_kept_waits_for_the_client)
{
	pthread_t reader;
	size_t posted, all;

	open_stream();
	posted = post_until_kept();
	all = posted + LARGE;
	ck_assert_int_eq(pthread_create(&reader, NULL, read_all, &all), 0);
	post(posted, LARGE);
	pthread_join(reader, NULL);
	ck_assert(!stream_has_posted(&stream));
	stream_close(&stream);
}
END_TEST

START_TEST(nothing_is_said_into_the_middle)
{
	char byte;
	size_t posted;

	open_stream();
	posted = post_until_kept();
	stream_say(&stream, "last words", 10);
	stream_close(&stream);
	while (posted > 0 && recv(client, &byte, 1, 0) == 1)
		ck_assert_int_ne(posted--, 0);
	ck_assert_uint_gt(posted, 0);
}
END_TEST

START_TEST(a_client_that_is_gone_ends_it)
{
	open_stream();
	post_until_kept();
	close(client);
	while (stream_post_more(&stream) == -EAGAIN)
		stream_wait(&stream, POLLOUT, LONG_MS);
	ck_assert_int_lt(stream_post_more(&stream), 0);
	stream_close(&stream);
	ck_assert(!stream_has_posted(&stream));
}
END_TEST

SUITE(stream_post, what_fits_is_sent_at_once, the_rest_is_kept_and_comes_in_order,
	more_than_is_kept_waits_for_the_client, nothing_is_said_into_the_middle,
	a_client_that_is_gone_ends_it)
