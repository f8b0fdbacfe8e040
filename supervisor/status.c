#include "supervisor/status.h"

#include "common/log.h"
#include "supervisor/status_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PATIENCE_MS = 5000 };

int status_open(struct status_pipe *pipe, const struct config *config,
	struct complaints *complaints, status_answer answer, void *context)
{
	*pipe = (struct status_pipe){
		.path = strdup(config->status_path), .answer = answer, .context = context};
	for (int i = 0; i < STATUS_ASKERS; i++)
		pipe->askers[i].socket = -1;
	pipe->socket = status_socket_open(config, complaints);
	if (pipe->socket >= 0 && pipe->path)
		return 0;
	free(pipe->path);
	return -1;
}

int status_adopt(
	struct status_pipe *pipe, int socket, const char *path, status_answer answer, void *context)
{
	*pipe = (struct status_pipe){
		.socket = socket, .path = strdup(path), .answer = answer, .context = context};
	for (int i = 0; i < STATUS_ASKERS; i++)
		pipe->askers[i].socket = -1;
	return pipe->path ? 0 : -ENOMEM;
}

static void drop(struct status_asker *asker)
{
	if (asker->socket >= 0)
		close(asker->socket);
	free(asker->answer);
	*asker = (struct status_asker){.socket = -1};
}

void status_close(struct status_pipe *pipe)
{
	if (pipe->socket < 0)
		return;
	for (int i = 0; i < STATUS_ASKERS; i++)
		drop(&pipe->askers[i]);
	close(pipe->socket);
	unlink(pipe->path);
	free(pipe->path);
	pipe->path = NULL;
	pipe->socket = -1;
}

bool status_is_quiet(struct status_pipe *pipe, bool closing)
{
	pipe->closing = closing;
	for (int i = 0; i < STATUS_ASKERS; i++) {
		if (pipe->askers[i].socket >= 0)
			return false;
	}
	return true;
}

static struct status_asker *free_place(const struct status_pipe *pipe)
{
	for (int i = 0; i < STATUS_ASKERS; i++) {
		if (pipe->askers[i].socket < 0)
			return (struct status_asker *)&pipe->askers[i];
	}
	return NULL;
}

/* When all places are taken, new askers wait in the kernel's queue. */
void status_watch(const struct status_pipe *pipe, struct pollfd *watches)
{
	for (int i = 0; i < STATUS_ASKERS; i++)
		watches[i] = (struct pollfd){.fd = pipe->askers[i].socket,
			.events = pipe->askers[i].answer ? POLLOUT : POLLIN};
	watches[STATUS_ASKERS] = (struct pollfd){
		.fd = free_place(pipe) && !pipe->closing ? pipe->socket : -1, .events = POLLIN};
}

static void welcome(struct status_pipe *pipe, int64_t now_ms)
{
	struct status_asker *asker = free_place(pipe);
	struct ucred peer;
	socklen_t size = sizeof(peer);
	int socket = accept4(pipe->socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (socket < 0)
		return;
	if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0) {
		close(socket);
		return;
	}
	*asker = (struct status_asker){.socket = socket,
		.uid = peer.uid,
		.pid = peer.pid,
		.give_up_ms = now_ms + PATIENCE_MS};
}

/* Closing over what the asker has sent beyond his question would reset him, and the answer might be
 * lost: so no more may come, and what is there already is thrown away. */
static void hear_no_more(const struct status_asker *asker)
{
	char waste[16384];

	(void)shutdown(asker->socket, SHUT_RD);
	while (recv(asker->socket, waste, sizeof(waste), 0) > 0)
		;
}

/* The question ends here. */
static bool take_question(struct status_pipe *pipe, struct status_asker *asker, char *end)
{
	char *nul;

	*end = '\0';
	/* No question has a NUL in it, and what is behind one belongs to it, too. */
	while ((nul = memchr(asker->question, '\0', (size_t)(end - asker->question))) != NULL)
		*nul = '?';
	hear_no_more(asker);
	asker->answer = pipe->answer(pipe->context, asker);
	asker->length = asker->answer ? strlen(asker->answer) : 0;
	return asker->answer != NULL;
}

/* One that is too long for the place is none that we know, and answered like others of that kind.
 * false: the asker is gone, or memory is short. */
static bool read_question(struct status_pipe *pipe, struct status_asker *asker)
{
	size_t room = STATUS_QUESTION - 1 - asker->asked;
	ssize_t got = recv(asker->socket, asker->question + asker->asked, room, 0);
	char *end;

	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	if (got == 0)
		return false;
	asker->asked += (size_t)got;
	end = memchr(asker->question, '\n', asker->asked);
	if (!end && asker->asked == STATUS_QUESTION - 1)
		end = asker->question + asker->asked;
	return end ? take_question(pipe, asker, end) : true;
}

/* false: all is sent, or the asker is gone. */
static bool send_answer(struct status_asker *asker)
{
	ssize_t sent = send(asker->socket, asker->answer + asker->sent, asker->length - asker->sent,
		MSG_NOSIGNAL);

	if (sent < 0)
		return errno == EAGAIN || errno == EINTR;
	asker->sent += (size_t)sent;
	return asker->sent < asker->length;
}

static void serve(
	struct status_pipe *pipe, struct status_asker *asker, short events, int64_t now_ms)
{
	bool stays = now_ms < asker->give_up_ms;

	if (stays && events && !asker->answer)
		stays = read_question(pipe, asker);
	if (stays && events && asker->answer)
		stays = send_answer(asker);
	if (!stays)
		drop(asker);
}

void status_hear(struct status_pipe *pipe, const struct pollfd *watches, int64_t now_ms)
{
	for (int i = 0; i < STATUS_ASKERS; i++) {
		struct status_asker *asker = &pipe->askers[i];

		if (asker->socket >= 0 && asker->socket == watches[i].fd)
			serve(pipe, asker, watches[i].revents, now_ms);
	}
	if (watches[STATUS_ASKERS].revents)
		welcome(pipe, now_ms);
}
