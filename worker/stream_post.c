#include "worker/stream_post.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Sends until there is no room. How many bytes, or -errno. */
static ssize_t send_now(const struct stream *stream, const char *bytes, size_t length, bool more)
{
	size_t done = 0;

	while (done < length) {
		ssize_t sent = stream_send_some(stream, bytes + done, length - done, more);

		if (sent == -EAGAIN)
			break;
		if (sent < 0 && sent != -EINTR)
			return sent;
		if (sent > 0)
			done += (size_t)sent;
	}
	return (ssize_t)done;
}

int stream_post_more(struct stream *stream)
{
	ssize_t sent;

	if (!stream_has_posted(stream))
		return 0;
	sent = send_now(stream, stream->posted, stream->posted_length, false);
	if (sent < 0)
		return (int)sent;
	stream->posted_length -= (uint32_t)sent;
	memmove(stream->posted, stream->posted + sent, stream->posted_length);
	if (stream->posted_length > 0)
		return -EAGAIN;
	free(stream->posted);
	stream->posted = NULL;
	return 0;
}

int stream_post_all(struct stream *stream)
{
	int error;

	while ((error = stream_post_more(stream)) == -EAGAIN) {
		error = stream_wait_writable(stream);
		if (error < 0)
			break;
	}
	return error;
}

static int keep(struct stream *stream, const char *bytes, size_t length)
{
	if (length == 0)
		return 0;
	if (!stream->posted)
		stream->posted = malloc(STREAM_POSTED);
	if (!stream->posted)
		return -ENOMEM;
	memcpy(stream->posted + stream->posted_length, bytes, length);
	stream->posted_length += (uint32_t)length;
	return 0;
}

int stream_post(struct stream *stream, const void *bytes, size_t length, bool more)
{
	int error = stream_post_more(stream);
	ssize_t sent = error == 0 ? send_now(stream, bytes, length, more) : 0;
	size_t rest;

	if ((error < 0 && error != -EAGAIN) || sent < 0)
		return sent < 0 ? (int)sent : error;
	rest = length - (size_t)sent;
	if (stream->posted_length + rest <= STREAM_POSTED)
		return keep(stream, (const char *)bytes + sent, rest);
	error = stream_post_all(stream);
	return error < 0 ? error : stream_write(stream, (const char *)bytes + sent, rest, more);
}
