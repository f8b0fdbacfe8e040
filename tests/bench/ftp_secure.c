#include "tests/bench/ftp_load.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>

_Noreturn static void die(const char *what)
{
	char reason[200];

	ERR_error_string_n(ERR_peek_error(), reason, sizeof(reason));
	load_die("%s: %s", what, reason);
}

/* Tickets come at any time behind the handshake, and are good for one connection (RFC 8446 C.4):
 * the newest counts, from whichever connection. */
static int remember(SSL *tls, SSL_SESSION *resumable)
{
	struct session *session = SSL_get_app_data(tls);

	SSL_SESSION_free(session->resumable);
	session->resumable = resumable;
	return 1;
}

SSL_CTX *secure_context(void)
{
	SSL_CTX *context = SSL_CTX_new(TLS_client_method());

	if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) ||
		!SSL_CTX_set_ciphersuites(context, "TLS_AES_256_GCM_SHA384") ||
		!SSL_CTX_set1_groups_list(context, "P-256"))
		die("no context");
	SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(context, remember);
	SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS);
	return context;
}

bool secure_begin(struct session *session, bool data)
{
	int socket = data ? session->data : session->control;
	SSL *tls = SSL_new(session->job->tls);

	if (!tls || !SSL_set_fd(tls, socket) || !SSL_set_app_data(tls, session) ||
		fcntl(socket, F_SETFL, O_NONBLOCK) < 0)
		die("no TLS");
	if (data && session->resumable && !SSL_set_session(tls, session->resumable))
		die("no session");
	SSL_set_connect_state(tls);
	*(data ? &session->data_tls : &session->control_tls) = tls;
	return secure_shake(tls);
}

/* What a call that was not done waits for; all else is the end. */
static int waits_for(SSL *tls, int result, const char *what)
{
	switch (SSL_get_error(tls, result)) {
	case SSL_ERROR_WANT_READ: return POLLIN;
	case SSL_ERROR_WANT_WRITE: return POLLOUT;
	default: die(what);
	}
}

bool secure_shake(SSL *tls)
{
	int done = SSL_do_handshake(tls);

	if (done != 1)
		(void)waits_for(tls, done, "handshake");
	return done == 1;
}

ssize_t secure_receive(SSL *tls, void *bytes, size_t size)
{
	int got = SSL_read(tls, bytes, (int)size);

	if (got > 0 || SSL_get_error(tls, got) == SSL_ERROR_ZERO_RETURN)
		return got > 0 ? got : 0;
	/* pure-ftpd may end a data connection without close_notify: the caller counts the bytes. */
	if (ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING) {
		ERR_clear_error();
		return 0;
	}
	(void)waits_for(tls, got, "read");
	errno = EAGAIN;
	return -1;
}

void secure_send(SSL *tls, const void *bytes, size_t length)
{
	const char *next = bytes;

	while (length > 0) {
		int sent = SSL_write(tls, next, (int)length);

		if (sent > 0) {
			next += sent;
			length -= (size_t)sent;
		} else {
			struct pollfd watch = {.fd = SSL_get_fd(tls),
				.events = (short)waits_for(tls, sent, "write")};

			(void)poll(&watch, 1, -1);
		}
	}
}

/* The other side may be gone already. A second SSL_shutdown would read what is but counted. */
void secure_end(SSL *tls)
{
	if (SSL_get_shutdown(tls) & SSL_SENT_SHUTDOWN)
		return;
	(void)SSL_shutdown(tls);
	ERR_clear_error();
}

void secure_free(SSL **tls)
{
	SSL_free(*tls);
	*tls = NULL;
}
