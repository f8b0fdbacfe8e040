#include "authenticator/authenticator.h"

#include "authenticator/confine.h"
#include "authenticator/judge.h"
#include "authenticator/password.h"
#include "common/channel.h"
#include "common/clock.h"
#include "common/cpus.h"
#include "common/log.h"

#include <bsd/unistd.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
	DESKS_LEAST = 2,
	DESKS_MOST = 8,
	ALIVE_MS = 1000,
	STUCK_MS = 60000, /* with a single question */
	NICE = 5,         /* hashes take what CPU the transfers leave */
};

/* A thread and the question it works on. */
struct desk {
	_Atomic int64_t busy_since_ms; /* 0: it waits for a question */
	struct authenticator *authenticator;
};

struct authenticator {
	const struct authenticator_birthright *birthright;
	struct judge judge;
	struct desk desks[DESKS_MOST];
	int desk_count;
	uint32_t cpus;
};

/* ---- questions ---- */

static void answer(struct authenticator *authenticator, struct login_question *question, int back)
{
	struct login_answer said;
	int root = judge_question(&authenticator->judge, question, &said);

	explicit_bzero(question->password, sizeof(question->password));
	/* Who asked may be gone: nobody's loss. */
	(void)login_answer_send(back, &said, root);
	if (root >= 0)
		close(root);
	close(back);
}

static void *work(void *argument)
{
	struct desk *desk = argument;
	struct authenticator *authenticator = desk->authenticator;
	struct login_question question;
	int back, got;

	do {
		atomic_store(&desk->busy_since_ms, 0);
		got = login_question_receive(
			authenticator->birthright->questions, &question, &back);
		atomic_store(&desk->busy_since_ms, clock_ms());
		if (got > 0)
			answer(authenticator, &question, back);
		else if (got == -EPROTO)
			log_warning("authenticator: a worker sent what is no question", "");
	} while (got > 0 || got == -EPROTO || got == -EINTR);
	log_error("authenticator: cannot hear questions", "error=\"%s\"", strerror(-got));
	return NULL;
}

/* ---- birth ---- */

/* Only the master's channel tells it what to do. */
static void settle_signals(void)
{
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE, SIGQUIT,
		SIGXFSZ, SIGTSTP, SIGTTIN, SIGTTOU};
	sigset_t none;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	signal(SIGCHLD, SIG_DFL); /* a PAM module may wait for a child of its own */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void name_process(void)
{
	prctl(PR_SET_NAME, "ftpool auth", 0, 0, 0);
	setproctitle("authenticator");
}

static int fail(const struct authenticator *authenticator, const char *what, int error)
{
	char text[CHANNEL_TEXT];

	snprintf(text, sizeof(text), "%s: %s", what, strerror(-error));
	(void)channel_send(authenticator->birthright->channel, CHANNEL_FAILED, text, -1);
	return error;
}

/* The roots are opened while the way to them is open for sure. */
static int prepare(struct authenticator *authenticator)
{
	const struct config *config = authenticator->birthright->config;
	struct judge *judge = &authenticator->judge;
	const char *what;
	int error = roots_open(&judge->roots, config, &what);

	judge->config = config;
	authenticator->cpus = cpus_usable();
	if (error < 0)
		return fail(authenticator, what, error);
	error = confine(config, &what);
	if (error < 0)
		return fail(authenticator, what, error);
	error = password_prepare();
	if (error < 0)
		return fail(authenticator, "crypt", error);
	if (config_asks(config, "file") && config->users[0] != '\0') {
		judge->accounts = accounts_new(config->users);
		if (!judge->accounts)
			return fail(authenticator, "memory", -ENOMEM);
	}
	return 0;
}

static int start_desks(struct authenticator *authenticator)
{
	int wanted = authenticator->cpus < DESKS_MOST ? (int)authenticator->cpus : DESKS_MOST;

	wanted = wanted < DESKS_LEAST ? DESKS_LEAST : wanted;
	for (int i = 0; i < wanted; i++) {
		pthread_t thread;
		int error;

		authenticator->desks[i].authenticator = authenticator;
		error = pthread_create(&thread, NULL, work, &authenticator->desks[i]);
		if (error)
			return fail(authenticator, "threads", -error);
		pthread_detach(thread);
		authenticator->desk_count++;
	}
	return 0;
}

/* ---- life ---- */

/* Every desk has been busy with one question for longer than any honest source takes: whoever waits
 * behind them waits for nothing. */
static bool is_stuck(const struct authenticator *authenticator)
{
	int64_t now = clock_ms();

	for (int i = 0; i < authenticator->desk_count; i++) {
		int64_t since = atomic_load(&authenticator->desks[i].busy_since_ms);

		if (since == 0 || now - since < STUCK_MS)
			return false;
	}
	return true;
}

/* false when the master is gone. */
static bool obey(const struct authenticator *authenticator)
{
	struct channel_message message;
	int descriptor, got;

	while ((got = channel_receive(authenticator->birthright->channel, &message, &descriptor)) >
		0) {
		if (message.word == CHANNEL_LOG && descriptor >= 0)
			(void)log_adopt(descriptor);
		if (message.word == CHANNEL_LEVEL && log_level_named(message.text) >= 0)
			log_set_level((enum log_level)log_level_named(message.text));
		if (descriptor >= 0)
			close(descriptor);
	}
	return got != 0;
}

static void attend(const struct authenticator *authenticator)
{
	struct pollfd watch = {.fd = authenticator->birthright->channel, .events = POLLIN};

	do {
		if (!is_stuck(authenticator))
			(void)channel_send(watch.fd, CHANNEL_ALIVE, "", -1);
		(void)poll(&watch, 1, ALIVE_MS);
	} while (!watch.revents || obey(authenticator));
}

enum authenticator_exit authenticator_main(const struct authenticator_birthright *birthright)
{
	static struct authenticator authenticator;

	authenticator.birthright = birthright;
	settle_signals();
	name_process();
	(void)setpriority(PRIO_PROCESS, 0, NICE);
	if (prepare(&authenticator) < 0 || start_desks(&authenticator) < 0)
		return AUTHENTICATOR_CANNOT_START;
	if (channel_send(birthright->channel, CHANNEL_READY, "", -1) < 0)
		return AUTHENTICATOR_CANNOT_START;
	attend(&authenticator);
	return AUTHENTICATOR_LEFT;
}
