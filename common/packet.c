#include "common/packet.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Room for one descriptor beside the message, aligned as cmsg(3) wants it. */
union rights {
	char bytes[CMSG_SPACE(sizeof(int))];
	struct cmsghdr align;
};

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

int packet_send(int socket, const void *bytes, size_t size, int descriptor, int flags)
{
	struct iovec part = {(void *)(uintptr_t)bytes, size};
	struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1};
	union rights rights;

	if (descriptor >= 0)
		attach(&packet, &rights, descriptor);
	return sendmsg(socket, &packet, MSG_NOSIGNAL | flags) < 0 ? -errno : 0;
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

int packet_receive(int socket, void *bytes, size_t size, int *descriptor)
{
	struct iovec part = {bytes, size};
	union rights rights;
	struct msghdr packet = {.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = rights.bytes,
		.msg_controllen = sizeof(rights.bytes)};
	ssize_t got = recvmsg(socket, &packet, MSG_CMSG_CLOEXEC);

	*descriptor = -1;
	if (got < 0)
		return errno == ECONNRESET ? 0 : -errno;
	if (got == 0)
		return 0;
	*descriptor = detach(&packet);
	if ((size_t)got == size && !(packet.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
		return 1;
	if (*descriptor >= 0)
		close(*descriptor);
	*descriptor = -1;
	return -EPROTO;
}
