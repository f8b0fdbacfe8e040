#include "client/wire_tls.h"

#include "client/language.h"
#include "client/trouble.h"

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

struct wire_tls {
	SSL_CTX *context;
	SSL *ssl;
};

static const unsigned char alpn[] = "\4lgpq";

/* "wrong version number" is OpenSSL's word for bytes that are no TLS. */
static int fail(const char *what)
{
	unsigned long error = ERR_peek_error();
	const char *reason = ERR_GET_REASON(error) == SSL_R_WRONG_VERSION_NUMBER
				     ? _("the server does not speak TLS here")
				     : ERR_reason_error_string(error);

	return trouble_set(-ENOTCONN, "TLS: %s", reason ? reason : what);
}

/* An address is looked for among the certificate's addresses, and is no name to ask for (SNI, RFC
 * 6066 3). */
static int expect_host(SSL *ssl, const char *host)
{
	unsigned char address[sizeof(struct in6_addr)];

	if (inet_pton(AF_INET, host, address) == 1 || inet_pton(AF_INET6, host, address) == 1)
		return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host);
	return SSL_set1_host(ssl, host) && SSL_set_tlsext_host_name(ssl, host);
}

static int trust(SSL_CTX *context, const char *cacert, bool insecure)
{
	SSL_CTX_set_verify(context, insecure ? SSL_VERIFY_NONE : SSL_VERIFY_PEER, NULL);
	return cacert ? SSL_CTX_load_verify_file(context, cacert)
		      : SSL_CTX_set_default_verify_paths(context);
}

static int set_up(
	struct wire_tls *tls, int socket, const char *host, const char *cacert, bool insecure)
{
	tls->context = SSL_CTX_new(TLS_client_method());
	if (!tls->context || !SSL_CTX_set_min_proto_version(tls->context, TLS1_2_VERSION) ||
		!trust(tls->context, cacert, insecure))
		return fail(cacert ? cacert : strerror(ENOMEM));
	SSL_CTX_set_mode(
		tls->context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	tls->ssl = SSL_new(tls->context);
	if (!tls->ssl || !SSL_set_fd(tls->ssl, socket) || !expect_host(tls->ssl, host) ||
		SSL_set_alpn_protos(tls->ssl, alpn, sizeof(alpn) - 1) != 0)
		return fail(strerror(ENOMEM));
	SSL_set_connect_state(tls->ssl);
	return 0;
}

int wire_tls_new(
	struct wire_tls **out, int socket, const char *host, const char *cacert, bool insecure)
{
	struct wire_tls *tls = calloc(1, sizeof(*tls));
	int result;

	ERR_clear_error();
	result = tls ? set_up(tls, socket, host, cacert, insecure) : fail(strerror(ENOMEM));
	if (result) {
		wire_tls_free(tls);
		return result;
	}
	*out = tls;
	return 0;
}

void wire_tls_free(struct wire_tls *tls)
{
	if (!tls)
		return;
	SSL_free(tls->ssl);
	SSL_CTX_free(tls->context);
	free(tls);
}

static int refused(const SSL *ssl)
{
	long verdict = SSL_get_verify_result(ssl);

	if (verdict != X509_V_OK)
		return trouble_set(-ENOTCONN, _("the server's certificate is not trusted: %s"),
			X509_verify_cert_error_string(verdict));
	return fail(_("the server does not speak TLS here"));
}

int wire_tls_shake(struct wire_tls *tls, short *events)
{
	int result;

	ERR_clear_error();
	result = SSL_do_handshake(tls->ssl);
	if (result == 1)
		return 0;
	switch (SSL_get_error(tls->ssl, result)) {
	case SSL_ERROR_WANT_READ: *events = POLLIN; return -EAGAIN;
	case SSL_ERROR_WANT_WRITE: *events = POLLOUT; return -EAGAIN;
	default: return refused(tls->ssl);
	}
}

/* What became of a call that returned no success, which left its errno. */
static ssize_t outcome(const SSL *ssl, int result)
{
	int error = errno;

	switch (SSL_get_error(ssl, result)) {
	case SSL_ERROR_WANT_READ:
	case SSL_ERROR_WANT_WRITE: return -EAGAIN;
	case SSL_ERROR_ZERO_RETURN: return 0;
	case SSL_ERROR_SYSCALL: return error ? -error : -ECONNRESET;
	default: return -EPROTO;
	}
}

ssize_t wire_tls_receive(struct wire_tls *tls, void *bytes, size_t size)
{
	int result;

	ERR_clear_error();
	errno = 0;
	result = SSL_read(tls->ssl, bytes, size > INT_MAX ? INT_MAX : (int)size);
	return result > 0 ? result : outcome(tls->ssl, result);
}

ssize_t wire_tls_send(struct wire_tls *tls, const void *bytes, size_t length)
{
	int result;
	ssize_t sent;

	ERR_clear_error();
	errno = 0;
	result = SSL_write(tls->ssl, bytes, length > INT_MAX ? INT_MAX : (int)length);
	sent = result > 0 ? result : outcome(tls->ssl, result);
	return sent == 0 ? -EPIPE : sent;
}

bool wire_tls_has_pending(const struct wire_tls *tls)
{
	return SSL_pending(tls->ssl) > 0;
}
