/* Turning a stream to TLS and back, and what streams do differently then. */
#ifndef FTPOOL_WORKER_STREAM_TLS_H
#define FTPOOL_WORKER_STREAM_TLS_H

#include "common/clock.h"
#include "worker/stream.h"
#include "worker/tls_link.h"

#include <sys/epoll.h>

/* Begins TLS as the server. What was read in clear and not yet taken is forgotten: whoever is on
 * the way could have put it there, to be obeyed as if it had come by TLS (CVE-2011-0411). All that
 * was to be said in clear has to be sent already. 0 or -ENOMEM. */
int stream_tls_begin(struct stream *stream, const struct tls *tls, enum tls_use use,
	const unsigned char mark[TLS_MARK]);

/* Waits for the handshake to be done. 0; -ETIMEDOUT; or as tls_link_shake. */
int stream_tls_shake(struct stream *stream, int64_t deadline_ms);

/* Back to clear: says the end of TLS, waits for the client's, and goes on without. Some clients say
 * none and just go on in clear; that is seen. 0, or -errno: then the connection is of no use any
 * more. */
int stream_tls_leave(struct stream *stream, int64_t deadline_ms);

/* Sends close_notify, waiting for room. 0, or as stream_write. */
int stream_tls_say_end(struct stream *stream);

/* The client's own close_notify, for a moment: a connection closed over it would be reset under a
 * client that is still sending it. */
void stream_tls_await_end(struct stream *stream);

/* As stream_send_file. */
int stream_tls_send_file(
	struct stream *stream, int file, int64_t offset, int64_t count, _Atomic uint64_t *progress);

/* The handshake is still under way. */
static inline bool stream_is_shaking(const struct stream *stream)
{
	return stream->tls && !stream->tls->established;
}

/* What a parked stream waits for beside input: nothing, unless its handshake could not be sent. */
static inline uint32_t stream_tls_more_events(const struct stream *stream)
{
	return stream->tls && stream->tls->wants_output ? EPOLLOUT : 0;
}

/* The end of the stream came without TLS's own mark of it. */
static inline bool stream_ended_unclean(const struct stream *stream)
{
	return stream->tls && stream->tls->ended_unclean;
}

/* There is input that no event of the socket will tell of. */
static inline bool stream_has_pending(const struct stream *stream)
{
	return stream->tls && tls_link_has_pending(stream->tls);
}

/* For whatever sends or reads: notes the first time. */
static inline void stream_note_moved(struct stream *stream)
{
	if (stream->moved_us == 0)
		stream->moved_us = clock_us();
}

/* Counts bytes of a file that were sent. */
static inline void stream_count(const struct stream *stream, _Atomic uint64_t *progress, uint64_t n)
{
	atomic_fetch_add_explicit(progress, n, memory_order_relaxed);
	if (stream->total)
		atomic_fetch_add_explicit(stream->total, n, memory_order_relaxed);
}

#endif
