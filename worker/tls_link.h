/* One connection that speaks TLS: the server's side of it, over a socket that never blocks. What a
 * stream is made of when it is not plain; only worker/stream and those that begin TLS know it.
 *
 * A control connection has a mark, which goes into each of its tickets. A data connection that
 * resumes a session whose ticket has the mark of its control connection is the same client's.
 *
 * The functions return a positive number, 0 at the end of the stream, or -errno: -EAGAIN when they
 * would wait, -EPROTO when the other side does not speak TLS as it should or as we want it, and
 * -ECONNABORTED for an end without close_notify where the config refuses that. */
#ifndef FTPOOL_WORKER_TLS_LINK_H
#define FTPOOL_WORKER_TLS_LINK_H

#include "worker/tls.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { TLS_MARK = 16 };

enum tls_use { TLS_USE_FTP, TLS_USE_FTP_DATA, TLS_USE_OTHER };

struct tls_link {
	SSL *ssl;
	const struct tls *tls;
	enum tls_use use;
	unsigned char mark[TLS_MARK];
	bool established; /* the handshake is done */
	bool broken;      /* OpenSSL may not be asked to write any more */
	bool wants_output;
	bool more;          /* what is written is followed at once */
	bool marked;        /* resumes a session with this mark */
	bool ended_unclean; /* without close_notify */
	bool gathers;       /* what is written is not on its way yet */
	size_t received;    /* bytes of a data connection, until they are many */
	bool over;          /* nothing more will come; `end` is why */
	ssize_t end;
};

/* Prepares the server's side for a connected socket, which stays the caller's. `mark`: the control
 * connection's; NULL to make one. NULL: out of memory. */
struct tls_link *tls_link_new(
	const struct tls *tls, int socket, enum tls_use use, const unsigned char mark[TLS_MARK]);

/* Idempotent for NULL. */
void tls_link_free(struct tls_link *link);

/* To a control connection: one more ticket goes out before what is sent next. A client of TLS 1.3
 * uses each once (RFC 8446 C.4), and is given none on a data connection: one that only sends never
 * reads them, and closing over unread bytes it resets its own upload (RFC 1122 4.2.2.13). */
void tls_link_give_ticket(struct tls_link *link);

/* Goes on with the handshake: 1 when it is done, -EAGAIN when it waits for the client (or, with
 * wants_output, to send), or -errno. */
int tls_link_shake(struct tls_link *link);

/* Reads as much as there is and fits. */
ssize_t tls_link_receive(struct tls_link *link, void *bytes, size_t size);

/* `more`: something follows at once. On a data connection something always does, were it its end.
 */
ssize_t tls_link_send(struct tls_link *link, const void *bytes, size_t length, bool more);

/* Many records follow each other, and are gathered until tls_link_release, as tls_socket_gather and
 * tls_socket_release. What is still held back when the link is freed is lost, and with it an end
 * that was said meanwhile: the client sees a cut. */
int tls_link_gather(struct tls_link *link);
int tls_link_release(struct tls_link *link);

/* Is the kernel doing the encryption, so that files can be sent by tls_link_send_file? */
bool tls_link_is_kernels(const struct tls_link *link);
ssize_t tls_link_send_file(struct tls_link *link, int file, int64_t offset, size_t count);

/* Bytes that are decrypted already: no event of the socket will tell of them. */
bool tls_link_has_pending(const struct tls_link *link);

/* Sends close_notify, once; on a data connection the end of the stream has to follow. 0 when it is
 * on its way, or no use any more; -EAGAIN. */
int tls_link_say_end(struct tls_link *link);

/* Why the last of this thread's calls failed, in OpenSSL's words. */
const char *tls_link_reason(char *text, size_t size);

#endif
