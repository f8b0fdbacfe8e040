#include "common/channel.h"

#include "common/packet.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

int channel_pair(int ends[2])
{
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) < 0
		       ? -errno
		       : 0;
}

int channel_send(int channel, enum channel_word word, const char *text, int descriptor)
{
	struct channel_message message = {.word = word};

	snprintf(message.text, sizeof(message.text), "%s", text);
	return packet_send(channel, &message, sizeof(message), descriptor, 0);
}

int channel_receive(int channel, struct channel_message *message, int *descriptor)
{
	int got = packet_receive(channel, message, sizeof(*message), descriptor);

	if (got <= 0)
		return got;
	if (message->word >= CHANNEL_WORDS) {
		if (*descriptor >= 0)
			close(*descriptor);
		*descriptor = -1;
		return -EPROTO;
	}
	message->text[CHANNEL_TEXT - 1] = '\0';
	return 1;
}
