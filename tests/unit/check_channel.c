#include "common/channel.h"

#include "tests/unit/suite.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

static void open_pair(int ends[2])
{
	ck_assert_int_eq(channel_pair(ends), 0);
}

START_TEST(ends_never_block_and_close_on_exec)
{
	int ends[2];

	open_pair(ends);
	for (int i = 0; i < 2; i++) {
		ck_assert(fcntl(ends[i], F_GETFL) & O_NONBLOCK);
		ck_assert(fcntl(ends[i], F_GETFD) & FD_CLOEXEC);
		close(ends[i]);
	}
}
END_TEST

START_TEST(every_word_arrives_both_ways)
{
	struct channel_message message;
	int ends[2], descriptor = 99;

	open_pair(ends);
	for (int word = 0; word < CHANNEL_WORDS; word++) {
		for (int from = 0; from < 2; from++) {
			ck_assert_int_eq(channel_send(ends[from], word, "why", -1), 0);
			ck_assert_int_eq(channel_receive(ends[1 - from], &message, &descriptor), 1);
			ck_assert_int_eq(message.word, word);
			ck_assert_str_eq(message.text, "why");
			ck_assert_int_eq(descriptor, -1);
		}
	}
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(messages_stay_apart_and_in_order)
{
	struct channel_message message;
	int ends[2], descriptor;

	open_pair(ends);
	ck_assert_int_eq(channel_send(ends[0], CHANNEL_LOG, "one", -1), 0);
	ck_assert_int_eq(channel_send(ends[0], CHANNEL_DRAIN, "", -1), 0);
	ck_assert_int_eq(channel_receive(ends[1], &message, &descriptor), 1);
	ck_assert_str_eq(message.text, "one");
	ck_assert_int_eq(channel_receive(ends[1], &message, &descriptor), 1);
	ck_assert_int_eq(message.word, CHANNEL_DRAIN);
	ck_assert_str_eq(message.text, "");
	ck_assert_int_eq(channel_receive(ends[1], &message, &descriptor), -EAGAIN);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(long_text_is_cut)
{
	struct channel_message message;
	char text[2 * CHANNEL_TEXT];
	int ends[2], descriptor;

	open_pair(ends);
	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	ck_assert_int_eq(channel_send(ends[1], CHANNEL_FAILED, text, -1), 0);
	ck_assert_int_eq(channel_receive(ends[0], &message, &descriptor), 1);
	ck_assert_uint_eq(strlen(message.text), CHANNEL_TEXT - 1);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(descriptor_goes_along)
{
	struct channel_message message;
	int ends[2], tube[2], descriptor;
	char byte;

	open_pair(ends);
	ck_assert_int_eq(pipe(tube), 0);
	ck_assert_int_eq(channel_send(ends[0], CHANNEL_LOG, "", tube[1]), 0);
	/* The sender's copy is the sender's. */
	ck_assert_int_eq(close(tube[1]), 0);
	ck_assert_int_eq(channel_receive(ends[1], &message, &descriptor), 1);
	ck_assert_int_ge(descriptor, 0);
	ck_assert(fcntl(descriptor, F_GETFD) & FD_CLOEXEC);
	ck_assert_int_eq(write(descriptor, "!", 1), 1);
	ck_assert_int_eq(read(tube[0], &byte, 1), 1);
	ck_assert_int_eq(close(descriptor), 0);
	ck_assert_int_eq(read(tube[0], &byte, 1), 0);
	close(tube[0]);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

/* Also with messages still unread by the one who went: ECONNRESET is an end like any other. */
START_TEST(end_of_the_other_side_is_read)
{
	struct channel_message message;
	int ends[2], descriptor;

	for (int unread = 0; unread < 2; unread++) {
		open_pair(ends);
		if (unread)
			ck_assert_int_eq(channel_send(ends[0], CHANNEL_DRAIN, "", -1), 0);
		close(ends[1]);
		ck_assert_int_eq(channel_receive(ends[0], &message, &descriptor), 0);
		ck_assert_int_eq(descriptor, -1);
		ck_assert_int_eq(channel_send(ends[0], CHANNEL_DRAIN, "", -1), -EPIPE);
		close(ends[0]);
	}
}
END_TEST

START_TEST(last_words_come_before_the_end)
{
	struct channel_message message;
	int ends[2], descriptor, status;
	pid_t child;

	open_pair(ends);
	child = fork();
	if (child == 0)
		_exit(channel_send(ends[1], CHANNEL_FAILED, "no root", -1) != 0);
	close(ends[1]);
	ck_assert_int_eq(waitpid(child, &status, 0), child);
	ck_assert_int_eq(channel_receive(ends[0], &message, &descriptor), 1);
	ck_assert_int_eq(message.word, CHANNEL_FAILED);
	ck_assert_str_eq(message.text, "no root");
	ck_assert_int_eq(channel_receive(ends[0], &message, &descriptor), 0);
	close(ends[0]);
}
END_TEST

START_TEST(nobody_reads)
{
	int ends[2], error;

	open_pair(ends);
	do {
		error = channel_send(ends[0], CHANNEL_DRAIN, "", -1);
	} while (error == 0);
	ck_assert_int_eq(error, -EAGAIN);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

/* A worker that was broken into sends what it likes. */
START_TEST(what_is_no_message_is_refused)
{
	struct channel_message message = {.word = CHANNEL_READY}, got;
	char large[sizeof(message) + 1] = {0};
	int ends[2], descriptor;

	open_pair(ends);
	ck_assert_int_eq(send(ends[1], &message, sizeof(message) - 1, 0), sizeof(message) - 1);
	ck_assert_int_eq(channel_receive(ends[0], &got, &descriptor), -EPROTO);
	ck_assert_int_eq(send(ends[1], large, 1, 0), 1);
	ck_assert_int_eq(channel_receive(ends[0], &got, &descriptor), -EPROTO);
	for (unsigned int word = CHANNEL_WORDS; word; word <<= 1) {
		memcpy(&message, &word, sizeof(word));
		ck_assert_int_eq(send(ends[1], &message, sizeof(message), 0), sizeof(message));
		ck_assert_int_eq(channel_receive(ends[0], &got, &descriptor), -EPROTO);
	}
	/* A good one after all that. */
	ck_assert_int_eq(channel_send(ends[1], CHANNEL_READY, "", -1), 0);
	ck_assert_int_eq(channel_receive(ends[0], &got, &descriptor), 1);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(message_that_is_too_long_is_refused)
{
	char large[sizeof(struct channel_message) + 1] = {0};
	struct channel_message got;
	int ends[2], descriptor;

	open_pair(ends);
	ck_assert_int_eq(send(ends[1], large, sizeof(large), 0), sizeof(large));
	ck_assert_int_eq(channel_receive(ends[0], &got, &descriptor), -EPROTO);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(text_without_end_is_ended)
{
	struct channel_message message = {.word = CHANNEL_FAILED}, got;
	int ends[2], descriptor;

	open_pair(ends);
	memset(message.text, 'x', sizeof(message.text));
	ck_assert_int_eq(send(ends[1], &message, sizeof(message), 0), sizeof(message));
	ck_assert_int_eq(channel_receive(ends[0], &got, &descriptor), 1);
	ck_assert_uint_eq(strlen(got.text), CHANNEL_TEXT - 1);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

static void send_descriptors(int channel, const void *bytes, size_t length, int *sent, size_t count)
{
	union {
		char bytes[CMSG_SPACE(4 * sizeof(int))];
		struct cmsghdr align;
	} control = {0};
	struct iovec piece = {(void *)bytes, length};
	struct msghdr packet = {.msg_iov = &piece,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = CMSG_SPACE(count * sizeof(int))};
	struct cmsghdr *head = CMSG_FIRSTHDR(&packet);

	assert(head);
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(count * sizeof(int));
	memcpy(CMSG_DATA(head), sent, count * sizeof(int));
	ck_assert_int_eq(sendmsg(channel, &packet, 0), length);
}

static int lowest_free_descriptor(void)
{
	int descriptor = dup(STDERR_FILENO);

	close(descriptor);
	return descriptor;
}

/* Or a worker could fill the master's table of descriptors. */
START_TEST(no_descriptor_is_left_behind)
{
	struct channel_message message = {.word = CHANNEL_READY};
	int ends[2], descriptor, free_one;
	int sent[4] = {STDERR_FILENO, STDERR_FILENO, STDERR_FILENO, STDERR_FILENO};

	open_pair(ends);
	free_one = lowest_free_descriptor();
	send_descriptors(ends[1], &message, sizeof(message) - 1, sent, 1);
	ck_assert_int_eq(channel_receive(ends[0], &message, &descriptor), -EPROTO);
	ck_assert_int_eq(descriptor, -1);
	ck_assert_int_eq(lowest_free_descriptor(), free_one);
	for (size_t count = 2; count <= 4; count++) {
		message = (struct channel_message){.word = CHANNEL_READY};
		send_descriptors(ends[1], &message, sizeof(message), sent, count);
		(void)channel_receive(ends[0], &message, &descriptor);
		if (descriptor >= 0)
			close(descriptor);
		ck_assert_int_eq(lowest_free_descriptor(), free_one);
	}
	close(ends[0]);
	close(ends[1]);
}
END_TEST

SUITE(channel, ends_never_block_and_close_on_exec, every_word_arrives_both_ways,
	messages_stay_apart_and_in_order, long_text_is_cut, descriptor_goes_along,
	end_of_the_other_side_is_read, last_words_come_before_the_end, nobody_reads,
	what_is_no_message_is_refused, message_that_is_too_long_is_refused,
	text_without_end_is_ended, no_descriptor_is_left_behind)
