#include "worker/ftp/control.h"

#include "worker/ftp/telnet.h"
#include "worker/stream_post.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

static ssize_t skip_line(struct ftp *ftp, const char *input, size_t held)
{
	const char *end = memchr(input, '\n', held);

	stream_take(&ftp->session->stream, end ? (size_t)(end - input) + 1 : held);
	ftp->skipping_line = end == NULL;
	return end ? 0 : -EAGAIN;
}

static ssize_t refuse_long(struct ftp *ftp, size_t taken, bool whole)
{
	stream_take(&ftp->session->stream, taken);
	ftp->skipping_line = !whole;
	return -EMSGSIZE;
}

ssize_t control_line(struct ftp *ftp, char line[CONTROL_LINE])
{
	struct stream *stream = &ftp->session->stream;
	struct telnet telnet;
	size_t held;
	const char *input = stream_peek(stream, &held);
	int error = 0;

	if (ftp->skipping_line) {
		if (held == 0 || skip_line(ftp, input, held) < 0)
			return -EAGAIN;
		input = stream_peek(stream, &held);
	}
	switch (telnet_line(&telnet, input, held, line, CONTROL_LINE)) {
	case TELNET_TOO_LONG: return refuse_long(ftp, telnet.taken, true);
	case TELNET_UNFINISHED:
		return held == STREAM_BUFFER ? refuse_long(ftp, held, false) : -EAGAIN;
	default: break;
	}
	/* It may have been a password. */
	explicit_bzero((void *)(uintptr_t)input, telnet.taken);
	stream_take(stream, telnet.taken);
	if (telnet.answer_length > 0)
		error = stream_post(stream, telnet.answer, telnet.answer_length, false);
	return error < 0 ? error : (ssize_t)telnet.length;
}

ssize_t control_read(struct ftp *ftp)
{
	ssize_t got = stream_fill(&ftp->session->stream);

	return got == -ENOBUFS ? 1 : got;
}

int control_hear(struct ftp *ftp, short events, short *awaited)
{
	ssize_t got;
	size_t held;

	if (events & (POLLERR | POLLHUP | POLLNVAL))
		return -ENOTCONN;
	got = control_read(ftp);
	if (got < 0 && got != -EAGAIN)
		return -ENOTCONN;
	(void)stream_peek(&ftp->session->stream, &held);
	/* Nothing more to come, or no room for it. */
	if (got == 0 || held == STREAM_BUFFER)
		*awaited = 0;
	return got == 0;
}

/* Is the line this command, with nothing behind it? */
static bool is_command(const char *line, size_t length, const char *verb)
{
	size_t size = strlen(verb);

	while (length > 0 && isspace((unsigned char)line[length - 1]))
		length--;
	return length == size && strncasecmp(line, verb, size) == 0;
}

struct control_queue control_look(const struct ftp *ftp)
{
	struct control_queue queue = {0};
	char line[CONTROL_LINE];
	struct telnet telnet;
	size_t held, at = 0;
	const char *input = stream_peek(&ftp->session->stream, &held);

	while (at < held && !ftp->skipping_line) {
		enum telnet_outcome outcome =
			telnet_line(&telnet, input + at, held - at, line, sizeof(line));

		if (outcome == TELNET_UNFINISHED)
			break;
		if (outcome == TELNET_LINE) {
			queue.abort |= is_command(line, telnet.length, "ABOR");
			queue.quit |= is_command(line, telnet.length, "QUIT");
			queue.status |= at == 0 && is_command(line, telnet.length, "STAT");
		}
		at += telnet.taken;
	}
	return queue;
}

void control_drop_line(struct ftp *ftp)
{
	char line[CONTROL_LINE];

	(void)control_line(ftp, line);
}
