/* Any packet, with a descriptor or without, to the authenticator and to a worker: what is received
 * is sound, and what is not leaves no descriptor behind. The first byte says what comes with it. */
#include "tests/fuzz/fuzz.h"

#include "common/login_message.h"
#include "common/packet.h"
#include "common/rights.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

static void check_question(int socket)
{
	struct login_question question;
	int answer, got = login_question_receive(socket, &question, &answer);

	assert(got == 1 || got == -EPROTO || got == 0);
	assert((got == 1) == (answer >= 0));
	if (got != 1)
		return;
	assert(strlen(question.user) < LOGIN_USER && strlen(question.password) < LOGIN_PASSWORD);
	assert(question.kind < LOGIN_KINDS && strlen(question.certificate) < CERTIFICATE_NAMES);
	close(answer);
}

static void check_answer(int socket)
{
	struct login_answer answer;
	const char *path;
	uint32_t may;
	int root, got = login_answer_receive(socket, &answer, &root);

	assert(got == 1 || got == -EPROTO || got == 0);
	assert(got == 1 || root < 0);
	if (got != 1)
		return;
	assert((answer.verdict == LOGIN_GRANTED) == (root >= 0));
	assert(strlen(answer.name) < LOGIN_USER && answer.may <= RIGHTS_ALL);
	for (size_t offset = 0; rights_at_next(&answer.at, &offset, &path, &may);)
		assert(rights_at_path_is_sound(path) && may <= RIGHTS_ALL);
	if (root >= 0)
		close(root);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	union {
		struct login_question question;
		struct login_answer answer;
		char bytes[2000];
	} packet = {0};
	int ends[2];
	size_t length;

	if (size < 2)
		return 0;
	assert(login_pair(ends, false) == 0);
	/* Bits 1 and 2 make it as long as a message should be, since that is hard to guess. */
	length = size - 1 < sizeof(packet) ? size - 1 : sizeof(packet);
	memcpy(packet.bytes, data + 1, length);
	if (data[0] & 2)
		length = sizeof(packet.question);
	if (data[0] & 4)
		length = sizeof(packet.answer);
	if (packet_send(ends[0], packet.bytes, length, data[0] & 1 ? STDERR_FILENO : -1, 0) == 0) {
		if (data[0] & 8)
			check_question(ends[1]);
		else
			check_answer(ends[1]);
	}
	close(ends[0]);
	close(ends[1]);
	return 0;
}
