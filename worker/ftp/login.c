#include "worker/ftp/login.h"

#include "common/clock.h"
#include "common/log.h"
#include "worker/authenticate.h"
#include "worker/ftp/argument.h"
#include "worker/ftp/data.h"
#include "worker/ftp/reply.h"
#include "worker/ftp/secure.h"
#include "worker/ftp/settings.h"
#include "worker/guard.h"
#include "worker/session_activity.h"
#include "worker/session_room.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DELAY_DOUBLES_MOST = 4, USER_LONGEST = 255, AWAKE_MS = 150 };

void login_forget(struct ftp *ftp)
{
	free(ftp->user);
	free(ftp->directory);
	free(ftp->rename_from);
	free(ftp->copy_from);
	ftp->user = ftp->directory = ftp->rename_from = ftp->copy_from = NULL;
	account_release(ftp->session->engine->account_roots, ftp->account);
	ftp->account = NULL;
	ftp->store = NULL;
	ftp->restart = ftp->range_first = 0;
	ftp->range_last = -1;
	ftp->restarting = false;
	atomic_store(&ftp->session->idle_timeout_seconds,
		ftp->session->engine->config->ftp_login_seconds);
}

static bool is_anonymous(const struct ftp *ftp)
{
	return ftp->session->engine->config->anonymous &&
	       (strcasecmp(ftp->user, "anonymous") == 0 || strcasecmp(ftp->user, "ftp") == 0);
}

static void log_login(const struct ftp *ftp, const char *event)
{
	char name[SESSION_NAME], peer[ADDRESS_TEXT], user[LOG_QUOTED];

	log_info(event, "peer=%s user=%s session=%s",
		address_format_host(&ftp->session->activity.peer, peer),
		log_quote(user, ftp->user, strlen(ftp->user)), session_name(ftp->session, name));
}

static int close_if_banned(struct ftp *ftp)
{
	char reason[GUARD_REASON];

	if (!guard_is_banned(ftp->session->engine, &ftp->session->activity.peer, reason))
		return 0;
	session_end_soon(ftp->session, END_BANNED, reason);
	return -ECONNABORTED;
}

/* Counted from the question on: how long the answer took to find, which may differ by how an
 * account's hash was made and who was asked for it, does not show. */
static int64_t when_to_answer_ms(const struct ftp *ftp, int64_t asked_ms)
{
	uint32_t doubles = ftp->failed_logins;

	if (doubles > DELAY_DOUBLES_MOST)
		doubles = DELAY_DOUBLES_MOST;
	return asked_ms + (ftp->session->engine->login_delay_ms << doubles);
}

int login_say_refused(struct ftp *ftp)
{
	int64_t left_ms = ftp->refused_until_ms - clock_ms();
	int error = left_ms > 0 ? stream_pause(&ftp->session->stream, (int)left_ms) : 0;

	ftp->refused_until_ms = 0;
	if (error == 0)
		error = close_if_banned(ftp);
	if (error < 0)
		return error;
	if (++ftp->failed_logins < ftp->session->engine->config->max_logins_per_session)
		return reply(ftp, 530, "Login incorrect");
	error = reply(ftp, 421, "Login incorrect, too often; closing the control connection");
	return error < 0 ? error : -ECONNABORTED;
}

/* Whoever tries passwords waits longer and longer for the answer. Meanwhile the session rests and
 * takes no thread, but for the last moment, since who rests is woken to the tick only. */
static int refuse(struct ftp *ftp, const char *password, int64_t asked_ms)
{
	const struct engine *engine = ftp->session->engine;
	int64_t awake_ms;

	ftp->refused_until_ms = when_to_answer_ms(ftp, asked_ms);
	awake_ms = ftp->refused_until_ms - AWAKE_MS;
	session_count(ftp->session, COUNT_logins_failed, 1);
	session_latency(ftp->session, LATENCY_LOGIN);
	log_login(ftp, "ftp: login failed");
	guard_report(engine, &ftp->session->activity.peer, ftp->user, password);
	free(ftp->user);
	ftp->user = NULL;
	if (awake_ms <= clock_ms())
		return login_say_refused(ftp);
	atomic_store(&ftp->session->resume_ms, awake_ms);
	return 0;
}

static int give_up(struct ftp *ftp, int error)
{
	char name[SESSION_NAME];

	session_count(ftp->session, COUNT_logins_unanswered, 1);
	log_warning("ftp: cannot tell who may log in", "session=%s error=\"%s\"",
		session_name(ftp->session, name), strerror(-error));
	error = reply(ftp, 421, "Nobody can log in at present; try again later");
	return error < 0 ? error : -ECONNABORTED;
}

/* The right password, but one session too many. 421, since a client takes 530 for a wrong password
 * and may forget the one it has stored. */
static int refuse_session(struct ftp *ftp, const char *name, uint32_t most)
{
	char peer[ADDRESS_TEXT], user[LOG_QUOTED], session[SESSION_NAME];
	int error;

	session_count(ftp->session, COUNT_logins_refused_sessions, 1);
	log_info("ftp: too many sessions of one user", "peer=%s user=%s limit=%u session=%s",
		address_format_host(&ftp->session->activity.peer, peer),
		log_quote(user, name, strlen(name)), most, session_name(ftp->session, session));
	error = reply(
		ftp, 421, "Too many sessions of %s, who may have %u; try again later", name, most);
	return error < 0 ? error : -ECONNABORTED;
}

static int welcome(struct ftp *ftp, int code, const char *name, const struct store *store,
	uint32_t sessions_most)
{
	int error = session_log_in_patiently(ftp->session, name, sessions_most);

	if (error < 0)
		return error == -EUSERS ? refuse_session(ftp, name, sessions_most) : error;
	ftp->store = store;
	atomic_store(&ftp->session->idle_timeout_seconds, 0);
	if (ftp->account)
		log_login(ftp, "ftp: logged in");
	session_count(ftp->session, COUNT_logins, 1);
	session_latency(ftp->session, LATENCY_LOGIN);
	return reply(ftp, code, "Logged in as %s", name);
}

static int welcome_account(struct ftp *ftp, int code)
{
	const struct account *account = ftp->account;

	return welcome(ftp, code, account->name, &account->store, account->sessions_most);
}

/* Told to who knows the password alone. */
static int refuse_clear(struct ftp *ftp)
{
	int error;

	log_login(ftp, "ftp: login refused without TLS");
	error = reply(ftp, 530, "%s logs in by TLS alone; say AUTH TLS first", ftp->user);
	free(ftp->user);
	ftp->user = NULL;
	return error;
}

int login_user(struct ftp *ftp, const struct command_call *call)
{
	int error;

	if (strlen(call->argument) > USER_LONGEST)
		return reply(ftp, 501, "The user's name is too long");
	if (!secure_lets_log_in(ftp))
		return reply(ftp, 530, "Nobody logs in without TLS here; say AUTH TLS first");
	login_forget(ftp);
	session_log_out(ftp->session);
	ftp->user = strdup(call->argument);
	if (!ftp->user)
		return reply_error(ftp, "USER", -ENOMEM);
	if (is_anonymous(ftp))
		return reply(ftp, 331, "Anonymous is welcome; any password will do");
	error = authenticate_certificate(ftp->session, ftp->user, &ftp->account);
	if (error == 0)
		error = close_if_banned(ftp);
	if (error == 0)
		return welcome_account(ftp, 232);
	if (error == -ECONNRESET || error == -ECONNABORTED)
		return error;
	return reply(ftp, 331, "A password is needed for %s", ftp->user);
}

/* A ban may have come since the session began. */
static int login_by_password(struct ftp *ftp, const char *password)
{
	int64_t asked_ms = clock_ms();
	int error = close_if_banned(ftp);

	if (error < 0)
		return error;
	error = authenticate(ftp->session, ftp->user, password, &ftp->account);

	if (error == -EACCES)
		return refuse(ftp, password, asked_ms);
	if (error == -ENOKEY)
		return refuse_clear(ftp);
	if (error == -ECONNRESET)
		return error;
	if (error < 0)
		return give_up(ftp, error);
	return welcome_account(ftp, 230);
}

int login_pass(struct ftp *ftp, const struct command_call *call)
{
	const struct engine *engine = ftp->session->engine;

	/* As after 232: some send USER and PASS without looking at what comes between. */
	if (ftp->store)
		return reply(ftp, 202, "Logged in already; no password is needed");
	if (!ftp->user)
		return reply(ftp, 503, "Say USER first");
	if (!is_anonymous(ftp))
		return login_by_password(ftp, call->argument);
	return welcome(
		ftp, 230, "anonymous", &engine->anonymous, engine->config->max_anonymous_sessions);
}

int login_acct(struct ftp *ftp, const struct command_call *call)
{
	(void)call;
	return reply(ftp, 202, "No account is needed");
}

/* RFC 959 4.1.1: as right after the connection was made. */
int login_rein(struct ftp *ftp, const struct command_call *call)
{
	(void)call;
	login_forget(ftp);
	settings_reset(ftp);
	data_close(ftp);
	session_log_out(ftp->session);
	return reply(ftp, 220, "Ready for a new user");
}

/* RFC 7151 3.2: every host is the same one here. */
int login_host(struct ftp *ftp, const struct command_call *call)
{
	if (ftp->user || ftp->store)
		return reply(ftp, 503, "HOST comes before USER");
	if (argument_host(call->argument) < 0)
		return reply(ftp, 501, "That is no host name or address");
	return reply(ftp, 220, "ftpool ready");
}

int login_quit(struct ftp *ftp, const struct command_call *call)
{
	(void)call;
	return reply(ftp, 221, "Goodbye");
}
