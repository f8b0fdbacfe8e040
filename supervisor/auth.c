#include "supervisor/auth.h"

#include "common/back_off.h"
#include "common/channel.h"
#include "common/log.h"
#include "common/login_message.h"
#include "supervisor/birth.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
	GOOD_LIFE_MS = 10000,
	REST_SHORTEST_MS = 100,
	REST_LONGEST_MS = 30000,
	MESSAGES_A_TURN = 8,
	ASLEEP_MS = 3000,
	HOPELESS_DEATHS = 3, /* before it was ever ready */
};

int auth_open(struct auth *auth, const struct config *config)
{
	int ends[2];
	int error;

	*auth = (struct auth){.config = config, .questions = -1, .answerer = -1, .channel = -1};
	if (!config_has_accounts(config))
		return 0;
	error = login_pair(ends, true);
	if (error < 0)
		return error;
	auth->questions = ends[0];
	auth->answerer = ends[1];
	return 0;
}

static void close_one(int *descriptor)
{
	if (*descriptor >= 0)
		close(*descriptor);
	*descriptor = -1;
}

/* It holds nothing that would have to be finished. */
void auth_close(struct auth *auth)
{
	if (auth->pid > 0) {
		kill(auth->pid, SIGKILL);
		(void)waitpid(auth->pid, NULL, 0);
	}
	auth->pid = 0;
	close_one(&auth->channel);
	close_one(&auth->questions);
	close_one(&auth->answerer);
}

/* ---- death ---- */

/* As with workers: at once after a good life, and after the first death of one that was ready. */
static void note_death(struct auth *auth, int64_t now_ms)
{
	bool young = now_ms - auth->since_ms < GOOD_LIFE_MS;

	auth->young_deaths = young ? auth->young_deaths + 1 : 0;
	auth->rest_until_ms = now_ms;
	if (auth->young_deaths > 1 || (auth->young_deaths == 1 && !auth->ready))
		auth->rest_until_ms +=
			back_off_ms(auth->young_deaths, REST_SHORTEST_MS, REST_LONGEST_MS);
	auth->pid = 0;
	close_one(&auth->channel);
}

bool auth_bury(struct auth *auth, pid_t pid, int status, int64_t now_ms)
{
	double age = (double)(now_ms - auth->since_ms) / 1000;

	if (auth->pid == 0 || pid != auth->pid)
		return false;
	auth_hear(auth, &(struct pollfd){.fd = auth->channel, .revents = POLLIN}, now_ms);
	if (WIFSIGNALED(status))
		log_error("authenticator: killed", "pid=%d signal=%d name=\"%s\" age=%.1f",
			(int)pid, WTERMSIG(status), strsignal(WTERMSIG(status)), age);
	else
		log_error("authenticator: failed", "pid=%d status=%d age=%.1f", (int)pid,
			WEXITSTATUS(status), age);
	note_death(auth, now_ms);
	return true;
}

/* ---- life ---- */

static void give_birth(struct auth *auth, int64_t now_ms)
{
	struct authenticator_birthright birthright = {
		.config = auth->config, .questions = auth->answerer};
	pid_t pid = birth_fork_authenticator(&birthright, &auth->channel);

	auth->restarts += auth->since_ms != 0;
	auth->since_ms = auth->heard_ms = now_ms;
	if (pid > 0) {
		auth->pid = pid;
		return;
	}
	log_error("authenticator: cannot be forked", "error=\"%s\"", strerror(-pid));
	note_death(auth, now_ms);
}

static void shoot_if_stuck(struct auth *auth, int64_t now_ms)
{
	int64_t silent_ms;

	/* A master that slept itself has heard nobody; as with workers. */
	if (now_ms - auth->looked_ms > ASLEEP_MS)
		auth->heard_ms = now_ms;
	auth->looked_ms = now_ms;
	silent_ms = now_ms - auth->heard_ms;
	if (auth->pid == 0 || silent_ms < (int64_t)auth->config->worker_timeout_seconds * 1000)
		return;
	log_error("authenticator: hung", "pid=%d silent=%.1f", (int)auth->pid,
		(double)silent_ms / 1000);
	kill(auth->pid, SIGKILL);
	auth->heard_ms = now_ms;
}

void auth_tend(struct auth *auth, int64_t now_ms)
{
	if (auth->questions < 0 || auth->foreign)
		return;
	shoot_if_stuck(auth, now_ms);
	if (auth->pid == 0 && now_ms >= auth->rest_until_ms && !auth_is_hopeless(auth))
		give_birth(auth, now_ms);
}

bool auth_is_missing(const struct auth *auth)
{
	return auth->questions >= 0 && auth->pid == 0;
}

bool auth_is_ready(const struct auth *auth)
{
	return auth->questions < 0 || auth->ready;
}

bool auth_is_hopeless(const struct auth *auth)
{
	return !auth->ready && auth->young_deaths >= HOPELESS_DEATHS;
}

int auth_patience(const struct auth *auth, int patience_ms, int64_t now_ms)
{
	int64_t rest = auth->rest_until_ms - now_ms;

	if (auth->questions < 0 || auth->pid > 0 || auth_is_hopeless(auth) || rest >= patience_ms)
		return patience_ms;
	return rest > 0 ? (int)rest : 0;
}

/* ---- talk ---- */

struct pollfd auth_watch(const struct auth *auth)
{
	return (struct pollfd){.fd = auth->channel, .events = POLLIN};
}

static void take_message(struct auth *auth, const struct channel_message *message, int64_t now_ms)
{
	char reason[LOG_QUOTED];

	auth->heard_ms = now_ms;
	if (message->word == CHANNEL_READY)
		auth->ready = true;
	if (message->word == CHANNEL_FAILED)
		log_error("authenticator: cannot start", "reason=%s",
			log_quote(reason, message->text, strlen(message->text)));
}

void auth_hear(struct auth *auth, const struct pollfd *watch, int64_t now_ms)
{
	struct channel_message message;
	int descriptor, got = 1;

	if (!watch->revents || watch->fd != auth->channel)
		return;
	for (int i = 0; i < MESSAGES_A_TURN && got > 0 && auth->channel >= 0; i++) {
		got = channel_receive(auth->channel, &message, &descriptor);
		if (got > 0 && descriptor >= 0)
			close(descriptor);
		if (got > 0)
			take_message(auth, &message, now_ms);
	}
	if (got == 0)
		close_one(&auth->channel);
}

void auth_hand_log(const struct auth *auth, int descriptor)
{
	if (auth->channel >= 0)
		(void)channel_send(auth->channel, CHANNEL_LOG, "", descriptor);
}

void auth_tell_level(const struct auth *auth, const char *level)
{
	if (auth->channel >= 0)
		(void)channel_send(auth->channel, CHANNEL_LEVEL, level, -1);
}
