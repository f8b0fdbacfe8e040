/* The connection: a socket with a time limit on silence, that ctrl-C can interrupt, and the bytes
 * that came in and nobody has taken yet.
 *
 * All that can fail returns -ENOTCONN (the connection is lost, or has been silent for too long) or
 * -ECANCELED, with the trouble set; the connection is of no use then. */
#ifndef FTPOOL_CLIENT_WIRE_H
#define FTPOOL_CLIENT_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { WIRE_INPUT = 256 * 1024, WIRE_PATIENCE = -1 };

struct wire_tls;

struct wire {
	int socket;      /* -1: not connected */
	int patience_ms; /* silence for longer than this is the end, where WIRE_PATIENCE is said */
	bool closed;     /* the server has closed, nothing more will come */
	bool heard;      /* some byte has come; for the user of the wire to reset */
	struct wire_tls *tls; /* NULL: plain */
	size_t start, end;
	char *input; /* WIRE_INPUT bytes and one; start to end of it are not taken yet */
};

/* Takes the socket over. 0 or -ENOMEM (the socket is closed then). wire_close is idempotent. */
int wire_open(struct wire *wire, int socket, int patience_ms);
void wire_close(struct wire *wire);

/* Goes on by TLS, with the server's certificate checked (wire_tls.h). 0 or an error as above. */
int wire_secure(struct wire *wire, const char *host, const char *cacert, bool insecure);

/* Waits until at least `count` bytes are there (1 to WIRE_INPUT), and leaves them there: they stand
 * at wire->input + wire->start. Returns how many there are, or -EAGAIN if they have not come after
 * `timeout_ms` of silence (never with WIRE_PATIENCE). */
ssize_t wire_await(struct wire *wire, size_t count, int timeout_ms);

/* Drops the first `count` of the bytes that wire_await has shown. */
void wire_take(struct wire *wire, size_t count);

/* The next line without its end, NUL-terminated, in place: valid until the next call. Returns its
 * length; -EPROTO, with the trouble set, if it is longer than WIRE_INPUT. */
ssize_t wire_line(struct wire *wire, char **line, int timeout_ms);

/* Sends all bytes. -EALREADY if the server speaks before it has them all, or has cut the connection
 * but spoken before that: read what it says. */
int wire_send(struct wire *wire, const void *bytes, size_t length);

/* Waits until the server's kernel has every byte that was sent. 0 or an error as above. */
int wire_flush(struct wire *wire);

/* Lets so much time pass. 0 or -ECANCELED. */
int wire_pause(int milliseconds);

/* Connected, and nothing has come that nobody asked for. */
bool wire_at_rest(struct wire *wire);

#endif
