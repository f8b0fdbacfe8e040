#include "worker/authenticate.h"

#include "common/clock.h"
#include "common/config.h"
#include "common/login_message.h"
#include "worker/account_zones.h"
#include "worker/tls_peer.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum {
	PATIENCE_MS = 30000,
	TRIES = 2, /* an authenticator may die with our question, not necessarily of it */
	FULL_NAP_MS = 20,
};

/* Has the client gone? A session that is told to close is woken likewise. */
static int client_is_gone(struct stream_aside *aside, short events)
{
	(void)aside;
	return events & (POLLHUP | POLLERR) ? -ECONNRESET : 0;
}

/* Too many questions wait: ours does as well, outside of the queue. */
static int send_question(struct session *session, const struct login_question *question, int answer,
	int64_t deadline_ms)
{
	int error;

	while ((error = login_question_send(session->engine->questions, question, answer)) ==
			-EAGAIN &&
		clock_ms() < deadline_ms) {
		error = stream_pause(&session->stream, FULL_NAP_MS);
		if (error < 0)
			break;
	}
	return error;
}

static int await_answer(struct session *session, int socket, struct login_answer *answer, int *root,
	int64_t deadline_ms)
{
	struct stream_aside aside = {session->stream.socket, 0, client_is_gone};
	struct stream wait = {.socket = socket, .gang = session->engine->gang, .aside = &aside};
	int events = stream_wait(&wait, POLLIN, deadline_ms);
	int got;

	if (events <= 0)
		return events < 0 ? events : -ETIMEDOUT;
	got = login_answer_receive(socket, answer, root);
	return got == 0 ? -EPIPE : got < 0 ? got : 0;
}

/* One question and its answer. -EPIPE: who was asked has died. */
static int ask(struct session *session, const struct login_question *question,
	struct login_answer *answer, int *root, int64_t deadline_ms)
{
	int ends[2];
	int error = login_pair(ends, false);

	if (error < 0)
		return error;
	error = send_question(session, question, ends[1], deadline_ms);
	close(ends[1]);
	if (error == 0)
		error = await_answer(session, ends[0], answer, root, deadline_ms);
	close(ends[0]);
	return error;
}

static int ask_again(struct session *session, const struct login_question *question,
	struct login_answer *answer, int *root)
{
	int64_t deadline_ms = clock_ms() + PATIENCE_MS;
	int error = -EPIPE;

	for (int i = 0; i < TRIES && error == -EPIPE; i++)
		error = ask(session, question, answer, root, deadline_ms);
	return error;
}

static int take_answer(struct session *session, const struct login_answer *answer, int root,
	struct account **account)
{
	const struct engine *engine = session->engine;
	struct zones *zones;
	int error;

	if (answer->verdict != LOGIN_GRANTED)
		return answer->verdict == LOGIN_REFUSED ? -EACCES : -EAGAIN;
	if (account_zones_make(&zones, engine->config, engine->mounts, answer->name, &answer->at) <
		0) {
		close(root);
		return -ENOMEM;
	}
	*account = account_take(engine->account_roots, answer->name, root, answer->may, zones);
	if (!*account)
		return -ENOMEM;
	(*account)->sessions_most = answer->sessions_most;
	(*account)->tls_require = answer->tls_require;
	error = account_limit(*account, engine->ledger, &answer->amounts);
	(*account)->quota.largest_own =
		answer->amounts.upload_size != engine->config->max_upload_bytes;
	if (error == 0 && answer->tls_require != TLS_REQUIRE_NONE && !session->stream.tls)
		error = -ENOKEY;
	if (error < 0) {
		account_release(session->engine->account_roots, *account);
		*account = NULL;
	}
	return error;
}

static int settle(
	struct session *session, struct login_question *question, struct account **account)
{
	struct login_answer answer = {.verdict = LOGIN_TROUBLE};
	int root = -1;
	int error;

	question->peer = session->activity.peer;
	question->listener = session->activity.listener;
	question->slot = session->engine->slot;
	question->session = session->activity.number;
	error = ask_again(session, question, &answer, &root);
	explicit_bzero(question->password, sizeof(question->password));
	return error < 0 ? error : take_answer(session, &answer, root, account);
}

int authenticate(
	struct session *session, const char *user, const char *password, struct account **account)
{
	struct login_question question = {.kind = LOGIN_BY_PASSWORD};

	if (session->engine->questions < 0 || strlen(user) >= sizeof(question.user) ||
		strlen(password) >= sizeof(question.password))
		return -EACCES;
	memcpy(question.user, user, strlen(user));
	memcpy(question.password, password, strlen(password));
	return settle(session, &question, account);
}

int authenticate_certificate(struct session *session, const char *user, struct account **account)
{
	struct login_question question = {.kind = LOGIN_BY_CERTIFICATE};

	if (session->engine->questions < 0 || strlen(user) >= sizeof(question.user) ||
		!session->stream.tls || !tls_peer_names(session->stream.tls, question.certificate))
		return -EACCES;
	memcpy(question.user, user, strlen(user));
	return settle(session, &question, account);
}

int authenticate_listener(struct session *session, struct account **account)
{
	struct login_question question = {.kind = LOGIN_BY_LISTENER};

	return session->engine->questions < 0 ? -EACCES : settle(session, &question, account);
}
