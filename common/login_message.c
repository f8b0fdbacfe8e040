#include "common/login_message.h"

#include "common/config.h"
#include "common/packet.h"
#include "common/rights.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

int login_pair(int ends[2], bool blocking)
{
	int kind = SOCK_SEQPACKET | SOCK_CLOEXEC | (blocking ? 0 : SOCK_NONBLOCK);

	return socketpair(AF_UNIX, kind, 0, ends) < 0 ? -errno : 0;
}

static bool ends(const char *text, size_t size)
{
	return memchr(text, '\0', size) != NULL;
}

bool login_question_is_sound(const struct login_question *question)
{
	return question->kind < LOGIN_KINDS &&
	       (question->peer.family == AF_INET || question->peer.family == AF_INET6) &&
	       ends(question->user, sizeof(question->user)) &&
	       ends(question->password, sizeof(question->password)) &&
	       ends(question->certificate, sizeof(question->certificate));
}

bool login_answer_is_sound(const struct login_answer *answer)
{
	return answer->verdict < LOGIN_VERDICTS && answer->tls_require <= TLS_REQUIRE_ALL &&
	       (answer->may & ~(uint32_t)RIGHTS_ALL) == 0 &&
	       ends(answer->name, sizeof(answer->name)) && rights_at_is_sound(&answer->at);
}

int login_question_send(int socket, const struct login_question *question, int answer)
{
	return packet_send(socket, question, sizeof(*question), answer, MSG_DONTWAIT);
}

static int refuse(int *descriptor)
{
	if (*descriptor >= 0)
		close(*descriptor);
	*descriptor = -1;
	return -EPROTO;
}

int login_question_receive(int socket, struct login_question *question, int *answer)
{
	int got = packet_receive(socket, question, sizeof(*question), answer);

	if (got > 0 && (*answer < 0 || !login_question_is_sound(question)))
		return refuse(answer);
	return got;
}

int login_answer_send(int socket, const struct login_answer *answer, int root)
{
	return packet_send(socket, answer, sizeof(*answer), root, MSG_DONTWAIT);
}

int login_answer_receive(int socket, struct login_answer *answer, int *root)
{
	int got = packet_receive(socket, answer, sizeof(*answer), root);

	if (got > 0 && (!login_answer_is_sound(answer) ||
			       (answer->verdict == LOGIN_GRANTED) != (*root >= 0)))
		return refuse(root);
	return got;
}
