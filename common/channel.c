#include "common/channel.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union rights {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

int channel_pair(int ends[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0
		       ? -errno
		       : 0;
}

static void attach(struct msghdr *packet, union rights *rights, int descriptor)
{
	struct cmsghdr *control;

	memset(rights, 0, sizeof(*rights));
	packet->msg_control = rights->bytes;
	packet->msg_controllen = sizeof(rights->bytes);
	control = CMSG_FIRSTHDR(packet);
	control->cmsg_level = SOL_SOCKET;
	control->cmsg_type = SCM_RIGHTS;
	control->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(control), &descriptor, sizeof(int));
}

int channel_send(int channel, enum channel_word word, const char *text, int descriptor)
{
	struct channel_message message = {.word = word};
	struct iovec bytes = {&message, sizeof(message)};
	struct msghdr packet = {.msg_iov = &bytes, .msg_iovlen = 1};
	union rights rights;

	snprintf(message.text, sizeof(message.text), "%s", text);
	if (descriptor >= 0)
		attach(&packet, &rights, descriptor);
	return sendmsg(channel, &packet, MSG_NOSIGNAL) < 0 ? -errno : 0;
}

/* The first descriptor that came, -1 if none did. A peer that sends more than it should leaves none
 * of them behind with us. */
static int detach(struct msghdr *packet)
{
	struct cmsghdr *control = CMSG_FIRSTHDR(packet);
	int first = -1;

	if (!control || control->cmsg_level != SOL_SOCKET || control->cmsg_type != SCM_RIGHTS)
		return -1;
	for (size_t i = 0; i < (control->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
		int descriptor;

		memcpy(&descriptor, CMSG_DATA(control) + i * sizeof(int), sizeof(int));
		if (i == 0)
			first = descriptor;
		else
			close(descriptor);
	}
	return first;
}

int channel_receive(int channel, struct channel_message *message, int *descriptor)
{
	struct iovec bytes = {message, sizeof(*message)};
	union rights rights;
	struct msghdr packet = {.msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = rights.bytes,
		.msg_controllen = sizeof(rights.bytes)};
	ssize_t got = recvmsg(channel, &packet, MSG_CMSG_CLOEXEC);

	*descriptor = -1;
	if (got < 0)
		return errno == ECONNRESET ? 0 : -errno;
	if (got == 0)
		return 0;
	*descriptor = detach(&packet);
	if ((size_t)got != sizeof(*message) || packet.msg_flags & (MSG_TRUNC | MSG_CTRUNC) ||
		message->word >= CHANNEL_WORDS) {
		if (*descriptor >= 0)
			close(*descriptor);
		*descriptor = -1;
		return -EPROTO;
	}
	message->text[CHANNEL_TEXT - 1] = '\0';
	return 1;
}
