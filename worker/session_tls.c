#include "worker/session_tls.h"

#include "common/log.h"
#include "worker/session_activity.h"
#include "worker/stream_tls.h"

#include <errno.h>
#include <string.h>

bool session_tls_is_offered(const struct session *session)
{
	return session->listener->tls != TLS_OFF && session->engine->tls;
}

int session_tls_turn(struct session *session)
{
	bool is_ftp = session->listener->protocol == PROTOCOL_FTP;

	return stream_tls_begin(
		&session->stream, session->engine->tls, is_ftp ? TLS_USE_FTP : TLS_USE_OTHER, NULL);
}

enum session_next session_tls_begin(struct session *session)
{
	atomic_store(&session->idle_timeout_seconds, session->engine->config->ftp_login_seconds);
	return session_tls_turn(session) < 0 ? SESSION_CLOSE : SESSION_PARK;
}

static void log_success(const struct session *session)
{
	SSL *ssl = session->stream.tls->ssl;
	char name[SESSION_NAME], peer[ADDRESS_TEXT];

	log_debug("tls: established", "session=%s peer=%s version=%s cipher=%s resumed=%s",
		session_name(session, name), address_format(&session->activity.peer, peer),
		SSL_get_version(ssl), SSL_get_cipher_name(ssl),
		SSL_session_reused(ssl) ? "yes" : "no");
}

static void log_failure(const struct session *session, int error)
{
	char name[SESSION_NAME], peer[ADDRESS_TEXT], reason[200];

	log_info("tls: handshake failed", "session=%s peer=%s reason=\"%s\"",
		session_name(session, name), address_format_host(&session->activity.peer, peer),
		error == -EPROTO ? tls_link_reason(reason, sizeof(reason)) : strerror(-error));
}

enum session_next session_tls_shake(struct session *session)
{
	int done = tls_link_shake(session->stream.tls);

	if (done == -EAGAIN)
		return SESSION_PARK;
	session_count(session, done > 0 ? COUNT_tls_handshakes : COUNT_tls_handshakes_failed, 1);
	if (done > 0)
		log_success(session);
	else
		log_failure(session, done);
	return done > 0 ? SESSION_PARK : SESSION_CLOSE;
}
