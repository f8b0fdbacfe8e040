#include "worker/tls_link.h"

#include "worker/tls_socket.h"
#include "worker/tls_ticket.h"

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of a long file's records, how many bytes are read and sent at a time; and what makes it long. */
enum { READ_AHEAD = 66 * 1024, GATHERED = 256 * 1024, LONG = 256 * 1024 };

/* The kernel's TLS takes a plain socket of OpenSSL's, and files can be sent by it alone. */
static bool has_plain_socket(const struct tls_link *link)
{
	return link->tls->kernel && link->use == TLS_USE_FTP_DATA;
}

static bool set_socket(struct tls_link *link, int socket)
{
	BIO *bio;

	if (has_plain_socket(link))
		return SSL_set_fd(link->ssl, socket) == 1;
	SSL_clear_options(link->ssl, SSL_OP_ENABLE_KTLS);
	bio = tls_socket_new(socket, &link->more);
	if (bio)
		SSL_set_bio(link->ssl, bio, bio);
	return bio != NULL;
}

static void set_up_data(struct tls_link *link)
{
	(void)SSL_set_num_tickets(link->ssl, 0);
	SSL_clear_mode(link->ssl, SSL_MODE_RELEASE_BUFFERS); /* it is never parked */
	SSL_set_read_ahead(link->ssl, 1);
}

struct tls_link *tls_link_new(
	const struct tls *tls, int socket, enum tls_use use, const unsigned char mark[TLS_MARK])
{
	struct tls_link *link = calloc(1, sizeof(*link));

	if (!link)
		return NULL;
	link->tls = tls;
	link->use = use;
	link->ssl = SSL_new(tls->identities[0].context);
	if (mark)
		memcpy(link->mark, mark, TLS_MARK);
	if (!link->ssl || !set_socket(link, socket) ||
		(!mark && RAND_bytes(link->mark, TLS_MARK) != 1)) {
		tls_link_free(link);
		return NULL;
	}
	SSL_set_app_data(link->ssl, link);
	SSL_set_accept_state(link->ssl);
	if (use == TLS_USE_FTP_DATA)
		set_up_data(link);
	else /* it may be a password, and stays in OpenSSL's buffer else */
		SSL_set_options(link->ssl, SSL_OP_CLEANSE_PLAINTEXT);
	return link;
}

void tls_link_free(struct tls_link *link)
{
	if (!link)
		return;
	/* A connection that breaks off would take its session with it out of what is remembered,
	 * and the client's next transfer could not resume it (SSL_set_shutdown(3)). */
	if (link->ssl && link->established)
		SSL_set_shutdown(link->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
	SSL_free(link->ssl);
	free(link);
}

static bool ended_without_notify(void)
{
	return ERR_GET_REASON(ERR_peek_error()) == SSL_R_UNEXPECTED_EOF_WHILE_READING;
}

/* Who leaves out close_notify still ends behind a record; in the middle of one, something was cut
 * off. */
static bool was_cut(const struct tls_link *link)
{
	return SSL_has_pending(link->ssl) || strcmp(SSL_rstate_string(link->ssl), "RB") == 0;
}

/* What became of a call that returned no success; `error` is its errno. */
static ssize_t outcome(struct tls_link *link, int result, int error)
{
	link->wants_output = false;
	switch (SSL_get_error(link->ssl, result)) {
	case SSL_ERROR_WANT_WRITE: link->wants_output = true; return -EAGAIN;
	case SSL_ERROR_WANT_READ: return -EAGAIN;
	case SSL_ERROR_ZERO_RETURN: return 0;
	case SSL_ERROR_SYSCALL: link->broken = true; return error ? -error : -ECONNRESET;
	default: break;
	}
	link->broken = true;
	if (!ended_without_notify())
		return -EPROTO;
	if (!link->established || was_cut(link))
		return -ECONNRESET;
	link->ended_unclean = true;
	return link->tls->config->tls_unclean_end == TLS_END_TOLERATE ? 0 : -ECONNABORTED;
}

int tls_link_shake(struct tls_link *link)
{
	int result;

	ERR_clear_error();
	errno = 0;
	result = SSL_do_handshake(link->ssl);
	if (result == 1) {
		link->established = true;
		link->marked = tls_ticket_is_ours(link);
		link->wants_output = false;
		return 1;
	}
	result = (int)outcome(link, result, errno);
	return result == 0 ? -ECONNRESET : result;
}

static ssize_t receive_record(struct tls_link *link, char *bytes, size_t size)
{
	int result;

	ERR_clear_error();
	errno = 0;
	result = SSL_read(link->ssl, bytes, size > INT_MAX ? INT_MAX : (int)size);
	return result > 0 ? result : outcome(link, result, errno);
}

/* Once what came was long, several records are read at a time. Most files are short, and a large
 * buffer costs more than it saves them. OpenSSL takes another one when it holds nothing, which is
 * behind a record while it does not read ahead. */
static void note_received(struct tls_link *link, size_t bytes)
{
	if (link->use != TLS_USE_FTP_DATA || link->received > LONG)
		return;
	if (link->received + bytes <= LONG) {
		link->received += bytes;
		return;
	}
	SSL_set_read_ahead(link->ssl, 0);
	if (SSL_has_pending(link->ssl) || !SSL_free_buffers(link->ssl))
		return;
	SSL_set_default_read_buffer_len(link->ssl, READ_AHEAD);
	SSL_set_read_ahead(link->ssl, 1);
	link->received += bytes;
}

ssize_t tls_link_receive(struct tls_link *link, void *bytes, size_t size)
{
	size_t used = 0;
	ssize_t got = 0;

	while (!link->over && used < size) {
		got = receive_record(link, (char *)bytes + used, size - used);
		if (got == -EAGAIN)
			break;
		if (got <= 0) {
			link->over = true;
			link->end = got;
		} else {
			used += (size_t)got;
			note_received(link, (size_t)got);
		}
	}
	if (used > 0)
		return (ssize_t)used;
	return link->over ? link->end : got;
}

void tls_link_give_ticket(struct tls_link *link)
{
	/* 0 for TLS 1.2, which has its one ticket for as long as it is good. */
	if (link->broken || !SSL_new_session_ticket(link->ssl))
		return;
	ERR_clear_error();
	errno = 0;
	link->more = true;
	if (SSL_do_handshake(link->ssl) != 1)
		(void)outcome(link, -1, errno);
	link->more = false;
}

ssize_t tls_link_send(struct tls_link *link, const void *bytes, size_t length, bool more)
{
	ssize_t result;

	if (link->broken)
		return -EPIPE;
	/* A record a call (SSL_MODE_ENABLE_PARTIAL_WRITE). */
	link->more = more || length > SSL3_RT_MAX_PLAIN_LENGTH || link->use == TLS_USE_FTP_DATA;
	ERR_clear_error();
	errno = 0;
	result = SSL_write(link->ssl, bytes, length > INT_MAX ? INT_MAX : (int)length);
	if (result > 0)
		return result;
	result = outcome(link, (int)result, errno);
	return result == 0 ? -EPIPE : result;
}

int tls_link_gather(struct tls_link *link)
{
	int error;

	if (has_plain_socket(link))
		return 0;
	error = tls_socket_gather(SSL_get_wbio(link->ssl), GATHERED);
	link->gathers = error == 0;
	return error;
}

int tls_link_release(struct tls_link *link)
{
	int error;

	if (!link->gathers)
		return 0;
	error = tls_socket_release(SSL_get_wbio(link->ssl));
	link->gathers = error < 0;
	if (error < 0 && error != -EAGAIN)
		link->broken = true;
	return error;
}

bool tls_link_is_kernels(const struct tls_link *link)
{
	return link->tls->kernel && BIO_get_ktls_send(SSL_get_wbio(link->ssl));
}

ssize_t tls_link_send_file(struct tls_link *link, int file, int64_t offset, size_t count)
{
	ssize_t result;

	ERR_clear_error();
	errno = 0;
	result = SSL_sendfile(link->ssl, file, offset, count, 0);
	return result >= 0 ? result : outcome(link, (int)result, errno);
}

bool tls_link_has_pending(const struct tls_link *link)
{
	return link->established && SSL_pending(link->ssl) > 0;
}

int tls_link_say_end(struct tls_link *link)
{
	int result;

	if (!link->established || link->broken)
		return 0;
	if (SSL_get_shutdown(link->ssl) & SSL_SENT_SHUTDOWN)
		return 0;
	link->more = link->use == TLS_USE_FTP_DATA;
	ERR_clear_error();
	errno = 0;
	result = SSL_shutdown(link->ssl);
	if (result >= 0)
		return 0;
	return outcome(link, result, errno) == -EAGAIN ? -EAGAIN : 0;
}

const char *tls_link_reason(char *text, size_t size)
{
	unsigned long error = ERR_peek_error();
	const char *reason = error ? ERR_reason_error_string(error) : NULL;

	snprintf(text, size, "%s", reason ? reason : "the connection was lost");
	return text;
}
