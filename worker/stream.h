/* A client's connection as a stream of bytes, plain or by TLS; but for those who turn it from the
 * one into the other (stream_tls.h), nobody can tell. Reads are buffered; the buffer exists only
 * while there is something in it or a command runs, so a parked session holds none.
 *
 * Whatever has to wait takes at most `stall_ms` without a byte moving and steps out of the gang
 * meanwhile; it ends early when the other side is gone or the session is told to close (which shuts
 * the socket down). One owner at a time, except stream_shutdown. */
#ifndef FTPOOL_WORKER_STREAM_H
#define FTPOOL_WORKER_STREAM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct gang;
struct throttle;
struct tls_link;

enum { STREAM_BUFFER = 16 * 1024 };

/* A second descriptor that a stream watches while it waits or works: the control connection beside
 * a data connection, so that a client can break off a transfer. */
struct stream_aside {
	int socket;
	short events; /* of poll(2); `ready` may change them */
	/* Something happened there. 0 to go on; -errno ends what the stream is doing with that. */
	int (*ready)(struct stream_aside *aside, short events);
};

struct stream {
	int socket; /* -1: closed */
	int stall_ms;
	struct gang *gang;
	char *input; /* STREAM_BUFFER bytes, or NULL */
	uint32_t input_start, input_end;
	char *posted; /* see stream_post.h */
	uint32_t posted_length;
	struct stream_aside *aside; /* NULL: none; may be set by the owner at any time */
	int64_t looked_aside_ms;
	bool gathers;              /* see stream_gather */
	struct tls_link *tls;      /* NULL: plain */
	struct throttle *throttle; /* NULL: nothing holds its bytes back */
	_Atomic uint64_t
		*total;   /* counts what stream_send_file sends; NULL: nobody wants to know */
	int64_t moved_us; /* when its first byte was sent or read (clock_us); 0: not yet */
};

/* Sets NODELAY and keep-alive (tcp(7)) on a TCP socket; what a listening one accepts inherits them.
 */
void stream_prepare(int socket);

/* Takes over a connected, non-blocking socket, prepared already. */
void stream_adopt(struct stream *stream, int socket, int stall_ms, struct gang *gang);

/* Waits until one of the events of poll(2) comes on the socket, stepping out of the gang. The
 * events that came, 0 at the deadline (clock_ms), or -errno. */
int stream_wait(struct stream *stream, short events, int64_t deadline_ms);

/* Waits until there is room to send, as long as the client takes something now and then. 0, or
 * -ETIMEDOUT after stall_ms, or as stream_wait. */
int stream_wait_writable(struct stream *stream);

/* Ends our direction and waits until the other side's kernel has everything that was sent, so that
 * whole can be said of it. 0; -ECONNRESET when it went away before; or as stream_write. */
int stream_deliver(struct stream *stream);

/* Ends our direction so that nothing of what was sent is lost: reads for up to linger_ms what the
 * client still had under way, since closing over unread bytes would send a reset that destroys our
 * last words (RFC 1122 4.2.2.13). */
void stream_finish(struct stream *stream, int linger_ms);

/* Closes at once. Idempotent. */
void stream_close(struct stream *stream);

/* Sends last words if there is room for them, and nothing posted is still to go; never waits. */
void stream_say(const struct stream *stream, const char *text, size_t length);

/* Ends both directions, which wakes the owner from any wait. From any thread; the caller sees to it
 * that the socket is not closed meanwhile. */
void stream_shutdown(const struct stream *stream);

/* Ends the direction towards us alone: the owner is woken from waiting for input, and finds the end
 * of it; he can still send. As stream_shutdown. */
void stream_shutdown_input(const struct stream *stream);

/* Gives the empty buffer back; for parking. */
void stream_rest(struct stream *stream);

/* The bytes read and not yet taken. */
const char *stream_peek(const struct stream *stream, size_t *length);
void stream_take(struct stream *stream, size_t length);

/* Reads once, without waiting, behind what is in the buffer. Bytes read; 0 at the end of the
 * stream; -EAGAIN when nothing is there; -ENOBUFS when the buffer is full; or -errno. */
ssize_t stream_fill(struct stream *stream);

/* Reads straight into bytes (buffered ones first), waiting up to wait_ms for the first byte. Bytes
 * read; 0 at the end of the stream; -EAGAIN when nothing came in that time; or -errno. */
ssize_t stream_read(struct stream *stream, void *bytes, size_t size, int wait_ms);

/* From now on, whoever waits to read is woken when so many bytes have come, or the end (SO_RCVLOWAT
 * of socket(7)), and else each second: many small packets cost one wake-up. For a plain stream. */
void stream_gather(struct stream *stream, int bytes);

/* Sends once, without waiting. Bytes sent; -EAGAIN when there is no room; or -errno. */
ssize_t stream_send_some(const struct stream *stream, const char *bytes, size_t length, bool more);

/* Sends all. 0, -ETIMEDOUT when the client takes nothing for stall_ms, -EPIPE, -ECONNRESET …
 * `more`: something follows at once, so a short packet may wait for it (MSG_MORE of send(2)). */
int stream_write(struct stream *stream, const void *bytes, size_t length, bool more);

/* Sends `count` bytes of a file from offset on with sendfile(2), adding what went out to *progress
 * as it goes. 0; -ENODATA when the file ends early; or as stream_write. */
int stream_send_file(
	struct stream *stream, int file, int64_t offset, int64_t count, _Atomic uint64_t *progress);

/* Waits until the client's side has acknowledged every byte (SIOCOUTQ, tcp(7)). As stream_write. */
int stream_flush(struct stream *stream);

/* Waits for input up to wait_ms. 1: there is some (or the end), 0: none came, -errno. */
int stream_wait_input(struct stream *stream, int wait_ms);

/* Lets wait_ms pass. 0, or -ECONNRESET at once when the client has closed both directions. */
int stream_pause(struct stream *stream, int wait_ms);

#endif
