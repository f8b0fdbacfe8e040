#include "worker/tls_socket.h"

#include <assert.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

struct tls_socket {
	int socket;
	bool ended;
	const bool *more;
	char *gathered; /* NULL: records go out one by one */
	size_t size, start, end;
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

static ssize_t send_some(const struct tls_socket *own, const char *bytes, size_t length, bool more)
{
	int flags = MSG_DONTWAIT | MSG_NOSIGNAL | (more ? MSG_MORE : 0);

	return send(own->socket, bytes, length, flags);
}

/* 0 or -1 and errno, as send(2). */
static int send_gathered(struct tls_socket *own)
{
	while (own->start < own->end) {
		ssize_t sent =
			send_some(own, own->gathered + own->start, own->end - own->start, false);

		if (sent < 0)
			return -1;
		own->start += (size_t)sent;
	}
	own->start = own->end = 0;
	return 0;
}

static ssize_t gather(struct tls_socket *own, const char *bytes, size_t length)
{
	assert(length <= own->size);
	if (own->end + length > own->size && send_gathered(own) < 0)
		return -1;
	memcpy(own->gathered + own->end, bytes, length);
	own->end += length;
	return (ssize_t)length;
}

static int write_some(BIO *bio, const char *bytes, int length)
{
	struct tls_socket *own = BIO_get_data(bio);
	ssize_t sent = own->gathered ? gather(own, bytes, (size_t)length)
				     : send_some(own, bytes, (size_t)length, *own->more);

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
	struct tls_socket *own = BIO_get_data(bio);

	if (own)
		free(own->gathered);
	free(own);
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

int tls_socket_gather(BIO *bio, size_t size)
{
	struct tls_socket *own = BIO_get_data(bio);

	assert(!own->gathered);
	own->gathered = malloc(size);
	own->size = size;
	return own->gathered ? 0 : -ENOMEM;
}

int tls_socket_release(BIO *bio)
{
	struct tls_socket *own = BIO_get_data(bio);

	if (send_gathered(own) < 0)
		return is_passing(errno) ? -EAGAIN : -errno;
	free(own->gathered);
	own->gathered = NULL;
	return 0;
}
