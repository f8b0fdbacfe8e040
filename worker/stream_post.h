/* Words for a client that may not be reading: what cannot be sent at once is kept, so that whoever
 * says a thousand commands and reads no reply costs some memory and no thread. Who posts on a
 * stream writes nothing else to it until all is sent. */
#ifndef FTPOOL_WORKER_STREAM_POST_H
#define FTPOOL_WORKER_STREAM_POST_H

#include "worker/stream.h"

enum { STREAM_POSTED = 64 * 1024 };

/* Sends what can be sent now and keeps the rest. Only when more than STREAM_POSTED bytes would have
 * to be kept does it wait. 0, -ENOMEM, or as stream_write. */
int stream_post(struct stream *stream, const void *bytes, size_t length, bool more);

/* Sends of what was kept as much as can be sent now. 0 when nothing is left; -EAGAIN; or as
 * stream_write. */
int stream_post_more(struct stream *stream);

/* Waits until nothing is left. As stream_write. */
int stream_post_all(struct stream *stream);

/* Something is kept: it waits for room to send, and should read no more commands. */
static inline bool stream_has_posted(const struct stream *stream)
{
	return stream->posted_length > 0;
}

#endif
