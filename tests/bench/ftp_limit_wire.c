#include "tests/bench/ftp_limit_wire.h"
#include <openssl/bio.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

enum { PIECE = 64 * 1024, GATHERED = 256 * 1024 };

SSL_CTX *wire_context(const char *certificate)
{
	static const unsigned char name[] = "limit";
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
	SSL_CTX_set_session_id_context(context, name, sizeof(name) - 1);
	if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
		SSL_CTX_use_PrivateKey_file(context, certificate, SSL_FILETYPE_PEM) != 1)
		return NULL;
	return context;
}

bool wire_secure(struct wire *wire, SSL_CTX *context, bool data)
{
	BIO *gathering = data ? BIO_new(BIO_f_buffer()) : NULL;

	wire->tls = SSL_new(context);
	SSL_set_fd(wire->tls, wire->socket);
	if (SSL_accept(wire->tls) != 1)
		return false;
	if (gathering) {
		BIO_set_write_buffer_size(gathering, GATHERED);
		BIO_push(gathering, SSL_get_wbio(wire->tls));
		BIO_up_ref(SSL_get_rbio(wire->tls));
		SSL_set0_wbio(wire->tls, gathering);
	}
	return true;
}

ssize_t wire_read(struct wire *wire, void *bytes, size_t size)
{
	return wire->tls ? SSL_read(wire->tls, bytes, (int)size)
			 : recv(wire->socket, bytes, size, 0);
}

bool wire_write(struct wire *wire, const void *bytes, size_t length)
{
	if (!wire->tls)
		return send(wire->socket, bytes, length, MSG_NOSIGNAL) == (ssize_t)length;
	return SSL_write(wire->tls, bytes, (int)length) == (int)length;
}

bool wire_send_file(struct wire *wire, int file, off_t size)
{
	static _Thread_local char piece[PIECE];
	ssize_t got;

	for (off_t at = 0; !wire->tls && at < size;) {
		if (sendfile(wire->socket, file, &at, (size_t)(size - at)) <= 0)
			return false;
	}
	while (wire->tls && (got = read(file, piece, sizeof(piece))) > 0) {
		if (!wire_write(wire, piece, (size_t)got))
			return false;
	}
	return true;
}

void wire_close(struct wire *wire)
{
	if (wire->tls) {
		SSL_shutdown(wire->tls);
		(void)BIO_flush(SSL_get_wbio(wire->tls));
		SSL_free(wire->tls);
	}
	wire->tls = NULL;
	close(wire->socket);
}
