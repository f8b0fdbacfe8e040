#include "worker/tls_socket.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <sys/socket.h>

struct tls_socket {
	int socket;
	bool ended;
	const bool *more;
};

static bool is_passing(int error)
{
	return error == EAGAIN || error == EINTR;
}

static int read_some(BIO *bio, char *bytes, int size)
{
	struct tls_socket *own = BIO_get_data(bio);
	ssize_t got = recv(own->socket, bytes, (size_t)size, MSG_DONTWAIT);

	BIO_clear_retry_flags(bio);
	own->ended = got == 0;
	if (got < 0 && is_passing(errno))
		BIO_set_retry_read(bio);
	return (int)got;
}

static int write_some(BIO *bio, const char *bytes, int length)
{
	const struct tls_socket *own = BIO_get_data(bio);
	int flags = MSG_DONTWAIT | MSG_NOSIGNAL | (*own->more ? MSG_MORE : 0);
	ssize_t sent = send(own->socket, bytes, (size_t)length, flags);

	BIO_clear_retry_flags(bio);
	if (sent < 0 && is_passing(errno))
		BIO_set_retry_write(bio);
	return (int)sent;
}

/* OpenSSL asks for the end to tell one without close_notify from a fault. */
static long control(BIO *bio, int what, long number, void *pointer)
{
	const struct tls_socket *own = BIO_get_data(bio);

	(void)number;
	(void)pointer;
	switch (what) {
	case BIO_CTRL_EOF: return own->ended;
	case BIO_CTRL_FLUSH: return 1;
	default: return 0;
	}
}

static int let_go(BIO *bio)
{
	free(BIO_get_data(bio));
	return 1;
}

static BIO_METHOD *method;
static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;

static void make_method(void)
{
	BIO_METHOD *made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");

	if (made && BIO_meth_set_read(made, read_some) && BIO_meth_set_write(made, write_some) &&
		BIO_meth_set_ctrl(made, control) && BIO_meth_set_destroy(made, let_go))
		method = made;
}

BIO *tls_socket_new(int socket, const bool *more)
{
	struct tls_socket *own = malloc(sizeof(*own));
	BIO *bio = CRYPTO_THREAD_run_once(&once, make_method) && method ? BIO_new(method) : NULL;

	if (!own || !bio) {
		free(own);
		BIO_free(bio);
		return NULL;
	}
	*own = (struct tls_socket){.socket = socket, .more = more};
	BIO_set_data(bio, own);
	BIO_set_init(bio, 1);
	return bio;
}
