#include "worker/ftp/secure.h"

#include "common/clock.h"
#include "common/log.h"
#include "worker/ftp/argument.h"
#include "worker/ftp/login.h"
#include "worker/ftp/reply.h"
#include "worker/session_activity.h"
#include "worker/session_tls.h"
#include "worker/stream_post.h"
#include "worker/stream_tls.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { LEAVE_MS = 5000 };

static bool is_secure(const struct ftp *ftp)
{
	return ftp->session->stream.tls != NULL;
}

/* By the listener or the account, whichever wants more. */
static uint32_t required(const struct ftp *ftp)
{
	uint32_t by_listener = ftp->session->listener->tls_require;
	uint32_t by_account = ftp->account ? ftp->account->tls_require : TLS_REQUIRE_NONE;

	return by_listener > by_account ? by_listener : by_account;
}

bool secure_is_offered(const struct ftp *ftp)
{
	return session_tls_is_offered(ftp->session);
}

bool secure_lets_log_in(const struct ftp *ftp)
{
	return required(ftp) == TLS_REQUIRE_NONE || is_secure(ftp);
}

bool secure_lets_transfer(const struct ftp *ftp)
{
	return required(ftp) != TLS_REQUIRE_ALL || ftp->secure.data;
}

void secure_begin(struct ftp *ftp)
{
	ftp->secure.sized = ftp->secure.data = is_secure(ftp);
}

/* ---- AUTH (RFC 4217 4) ---- */

/* The names that have been in use. Of the older ones, TLS-P and SSL protect the data at once, as
 * the drafts before RFC 4217 had it. */
static bool find_mechanism(const char *name, bool *data)
{
	static const struct {
		const char *name;
		bool data;
	} mechanisms[] = {{"TLS", false}, {"TLS-C", false}, {"TLS-P", true}, {"SSL", true}};

	for (size_t i = 0; i < sizeof(mechanisms) / sizeof(mechanisms[0]); i++) {
		if (strcasecmp(mechanisms[i].name, name) == 0) {
			*data = mechanisms[i].data;
			return true;
		}
	}
	return false;
}

/* Who had logged in in clear has said a password in clear: he logs in again (RFC 4217 12.2). */
static void forget_login(struct ftp *ftp)
{
	login_forget(ftp);
	session_log_out(ftp->session);
}

int secure_auth(struct ftp *ftp, const struct command_call *call)
{
	bool data = false;
	int error;

	if (!secure_is_offered(ftp))
		return reply(ftp, 502, "TLS is not offered here");
	if (is_secure(ftp))
		return reply(ftp, 503, "TLS is spoken already");
	if (!find_mechanism(call->argument, &data))
		return reply(ftp, 504, "AUTH takes TLS");
	error = reply(ftp, 234, "Begin TLS");
	if (error == 0)
		error = stream_post_all(&ftp->session->stream);
	if (error < 0)
		return error;
	forget_login(ftp);
	ftp->secure = (struct ftp_secure){.sized = data, .data = data};
	return session_tls_turn(ftp->session);
}

/* ---- PBSZ and PROT (RFC 4217 8 and 9) ---- */

int secure_pbsz(struct ftp *ftp, const struct command_call *call)
{
	int64_t size;

	if (!secure_is_offered(ftp))
		return reply(ftp, 502, "TLS is not offered here");
	if (!is_secure(ftp))
		return reply(ftp, 503, "Say AUTH TLS first");
	if (argument_number(&size, call->argument) < 0 || size > UINT32_MAX)
		return reply(ftp, 501, "PBSZ takes 0");
	ftp->secure.sized = true;
	return reply(ftp, 200, "PBSZ=0");
}

static int protect(struct ftp *ftp, bool data)
{
	if (!data && required(ftp) == TLS_REQUIRE_ALL)
		return reply(ftp, 534, "Data is protected here; PROT P is the only way");
	ftp->secure.data = data;
	memcpy(ftp->secure.mark, ftp->session->stream.tls->mark, TLS_MARK);
	return reply(
		ftp, 200, data ? "Data connections are protected" : "Data connections are clear");
}

int secure_prot(struct ftp *ftp, const struct command_call *call)
{
	char level = (char)(call->argument[0] & ~0x20);

	if (!secure_is_offered(ftp))
		return reply(ftp, 502, "TLS is not offered here");
	if (!is_secure(ftp))
		return reply(ftp, 503, "Say AUTH TLS first");
	if (!ftp->secure.sized)
		return reply(ftp, 503, "Say PBSZ first");
	if (call->argument[1] != '\0' || !strchr("CPSE", level))
		return reply(ftp, 504, "PROT takes P or C");
	if (level == 'S' || level == 'E')
		return reply(ftp, 536, "TLS protects all (P) or nothing (C)");
	return protect(ftp, level == 'P');
}

/* ---- CCC (RFC 4217 6) ---- */

int secure_ccc(struct ftp *ftp, const struct command_call *call)
{
	struct session *session = ftp->session;
	int error;

	(void)call;
	if (!is_secure(ftp))
		return reply(ftp, 533, "The control connection is clear");
	if (required(ftp) == TLS_REQUIRE_ALL)
		return reply(ftp, 533, "The control connection stays protected here");
	memcpy(ftp->secure.mark, session->stream.tls->mark, TLS_MARK);
	error = reply(ftp, 200, "The control connection is clear from now on");
	if (error == 0)
		error = stream_post_all(&session->stream);
	return error < 0 ? error : stream_tls_leave(&session->stream, clock_ms() + LEAVE_MS);
}

/* ---- data connections ---- */

static const unsigned char *mark_of(const struct ftp *ftp)
{
	return is_secure(ftp) ? ftp->session->stream.tls->mark : ftp->secure.mark;
}

/* Proven by what is inside of the ticket, which only who resumes the session can have. */
static int check_reuse(struct ftp *ftp, const struct tls_link *link)
{
	const struct engine *engine = ftp->session->engine;
	bool reused = link->marked;

	session_count(ftp->session, reused ? COUNT_tls_data_reused : COUNT_tls_data_not_reused, 1);
	return reused || engine->config->tls_session_reuse != TLS_REUSE_REQUIRE ? 0 : -EKEYREJECTED;
}

static void log_failure(const struct ftp *ftp, int error)
{
	char name[SESSION_NAME], peer[ADDRESS_TEXT], reason[200];

	session_count(ftp->session, COUNT_tls_handshakes_failed, 1);
	log_info("tls: handshake of a data connection failed", "session=%s peer=%s reason=\"%s\"",
		session_name(ftp->session, name),
		address_format_host(&ftp->session->activity.peer, peer),
		error == -EPROTO ? tls_link_reason(reason, sizeof(reason)) : strerror(-error));
}

int secure_data(struct ftp *ftp, struct stream *data)
{
	const struct engine *engine = ftp->session->engine;
	int64_t deadline = clock_ms() + (int64_t)engine->config->ftp_data_seconds * 1000;
	int error;

	if (!ftp->secure.data)
		return 0;
	error = stream_tls_begin(data, engine->tls, TLS_USE_FTP_DATA, mark_of(ftp));
	if (error == 0)
		error = stream_tls_shake(data, deadline);
	if (error == 0)
		return check_reuse(ftp, data->tls);
	if (error != -ECANCELED && error != -ENOTCONN)
		log_failure(ftp, error);
	return error;
}

void secure_data_done(struct ftp *ftp, const struct stream *data)
{
	if (data->tls && data->tls->marked && is_secure(ftp))
		tls_link_give_ticket(ftp->session->stream.tls);
}

int secure_tell(struct ftp *ftp)
{
	const struct tls_link *link = ftp->session->stream.tls;

	if (!link && !ftp->secure.data)
		return 0;
	return reply_between(ftp, "The control connection is %s, data connections are %s",
		link ? SSL_get_version(link->ssl) : "clear",
		ftp->secure.data ? "protected" : "clear");
}

const char *secure_describe(const struct stream *data, char text[SECURE_TEXT])
{
	text[0] = '\0';
	if (data->tls && data->tls->established)
		snprintf(text, SECURE_TEXT, " tls=%s reused=%s%s", SSL_get_version(data->tls->ssl),
			data->tls->marked ? "yes" : "no",
			data->tls->ended_unclean ? " end=unclean" : "");
	return text;
}
