#include "client/lgpq_bare.h"

#include "client/endmark.h"
#include "client/language.h"
#include "client/trouble.h"
#include "common/clock.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SEND_CHUNK = 64 * 1024,
	PAUSE_MS = 150,      /* the protocol's 0.1 s, with margin */
	TEXT_END_MS = 200,   /* a message or a list that nothing follows for so long is whole */
	CUT_NAME_MS = 2000,  /* … a list that stops in the middle of a name gets more time */
	FIRST_NAME_MS = 2000 /* a server with an empty library might say OK and no more */
};

static const char empty_library[] = "文件库为空";

static int send_request(struct remote *remote, char letter, const char *name)
{
	char line[4096 + 8];
	int length = snprintf(line, sizeof(line), *name ? "%c %s" : "%c", letter, name);
	int result;

	if ((size_t)length >= sizeof(line))
		return trouble_set(-ENAMETOOLONG, "%s", strerror(ENAMETOOLONG));
	for (const char *at = name; *at; at++) {
		if (iscntrl((unsigned char)*at))
			return trouble_set(-EINVAL,
				_("this server cannot be told a name with control characters"));
	}
	remote->lgpq.unfinished = true;
	result = wire_send(&remote->lgpq.wire, line, (size_t)length);
	return result == -EALREADY ? 0 : result;
}

/* A message instead of OK: it has no end but silence. */
static int refusal(struct remote *remote)
{
	struct wire *wire = &remote->lgpq.wire;
	ssize_t got = 1;

	while (got > 0 && wire->end - wire->start < WIRE_INPUT)
		got = wire_await(wire, wire->end - wire->start + 1, TEXT_END_MS);
	if (got == -ECANCELED)
		return -ECANCELED;
	wire->input[wire->end] = '\0';
	trouble_set(-EREMOTEIO, "%s", wire->input + wire->start);
	wire_take(wire, wire->end - wire->start);
	remote->lgpq.unfinished = false;
	return -EREMOTEIO;
}

/* 0 for OK; -EREMOTEIO and the server's message as the trouble for anything else. */
static int read_ok(struct remote *remote)
{
	struct wire *wire = &remote->lgpq.wire;
	ssize_t got = wire_await(wire, 2, WIRE_PATIENCE);

	if (got < 0)
		return (int)got;
	if (memcmp(wire->input + wire->start, "OK", 2) != 0)
		return refusal(remote);
	wire_take(wire, 2);
	return 0;
}

static int read_ok_or_words(struct remote *remote)
{
	int result = read_ok(remote);

	if (result == -EREMOTEIO)
		trouble_set(result, _("the server says: %s"), trouble_text());
	return result;
}

/* Takes the names that have come whole, each with a '#' behind it. */
static int take_names(struct wire *wire, struct catalogue *catalogue)
{
	int result = 0;

	while (!result) {
		const char *name = wire->input + wire->start;
		const char *end = memchr(name, '#', wire->end - wire->start);

		if (!end)
			break;
		if (end - name == 3 && !memcmp(name, "...", 3))
			catalogue->cut = true;
		else if (end > name)
			result = catalogue_add(catalogue, name, (size_t)(end - name), -1, -1);
		wire_take(wire, (size_t)(end - name) + 1);
	}
	if (!result && wire->end - wire->start == WIRE_INPUT)
		result = trouble_set(-EPROTO, _("the server sends a name without end"));
	return result;
}

/* A list ends where nothing follows any more. */
static int names_wait_ms(const struct wire *wire, const struct catalogue *catalogue)
{
	if (wire->end > wire->start)
		return CUT_NAME_MS;
	return catalogue->count > 0 || catalogue->cut ? TEXT_END_MS : FIRST_NAME_MS;
}

static int read_names(struct remote *remote, struct catalogue *catalogue)
{
	struct wire *wire = &remote->lgpq.wire;

	for (;;) {
		int result = take_names(wire, catalogue);
		ssize_t got;

		if (result)
			return result;
		got = wire_await(wire, wire->end - wire->start + 1, names_wait_ms(wire, catalogue));
		if (got == -EAGAIN || (got == -ENOTCONN && wire->closed))
			break;
		if (got < 0)
			return (int)got;
	}
	/* A last name may lack its '#'. */
	if (wire->end == wire->start)
		return 0;
	wire->input[wire->end++] = '#';
	return take_names(wire, catalogue);
}

int lgpq_bare_read_list(struct remote *remote, struct catalogue *catalogue)
{
	int result = read_ok(remote);

	if (result == -EREMOTEIO) {
		if (!strcmp(trouble_text(), empty_library))
			return 0;
		return trouble_set(result, _("the server says: %s"), trouble_text());
	}
	if (!result)
		result = read_names(remote, catalogue);
	if (!result)
		remote->lgpq.unfinished = false;
	return result;
}

static int list(struct remote *remote, struct catalogue *catalogue)
{
	int result = send_request(remote, 'L', "");

	return result ? result : lgpq_bare_read_list(remote, catalogue);
}

/* Hands the bytes on that are surely the file's. */
static int pass_on(
	struct wire *wire, struct endmark *mark, bool after_pause, struct receiver *receiver)
{
	size_t here = wire->end - wire->start, length = here;
	int freed = endmark_take(mark, wire->input + wire->start, &length, after_pause);
	int result = freed ? receiver->bytes(receiver, "##", (size_t)freed) : 0;

	if (!result && length)
		result = receiver->bytes(receiver, wire->input + wire->start, length);
	wire_take(wire, here);
	return result;
}

static int receive(struct remote *remote, struct receiver *receiver)
{
	struct wire *wire = &remote->lgpq.wire;
	struct endmark mark = {0};
	int64_t last_ms = clock_ms();

	for (;;) {
		int wait_ms = endmark_wait_ms(&mark);
		ssize_t got = wire_await(wire, 1, wait_ms ? wait_ms : WIRE_PATIENCE);
		bool after_pause = clock_ms() - last_ms >= ENDMARK_PAUSE_MS;
		int result;

		if (wait_ms && (got == -EAGAIN || (got == -ENOTCONN && wire->closed)))
			return 0;
		last_ms = clock_ms();
		result = got < 0 ? (int)got : pass_on(wire, &mark, after_pause, receiver);
		if (result)
			return result;
	}
}

static int get(struct remote *remote, const char *name, int64_t offset, struct receiver *receiver)
{
	int result = send_request(remote, 'G', name);

	(void)offset; /* .resumes is false: always 0 */
	if (!result)
		result = read_ok_or_words(remote);
	if (!result)
		result = receiver->begin(receiver, -1, -1);
	if (!result)
		result = receive(remote, receiver);
	if (!result)
		remote->lgpq.unfinished = false;
	return result;
}

/* A server that finds "##" alone in its hands takes it for the mark. So of a file that ends in it,
 * the last byte goes by itself. */
static int send_last(struct remote *remote, const char *bytes, size_t length)
{
	bool like_mark = length >= 2 && !memcmp(bytes + length - 2, "##", 2);
	int result;

	if (!like_mark)
		return wire_send(&remote->lgpq.wire, bytes, length);
	result = wire_send(&remote->lgpq.wire, bytes, length - 1);
	if (!result)
		result = wire_flush(&remote->lgpq.wire);
	if (!result)
		result = wire_pause(PAUSE_MS);
	return result ? result : wire_send(&remote->lgpq.wire, bytes + length - 1, 1);
}

static int send_all(struct remote *remote, struct supplier *supplier, int64_t left)
{
	char *chunk = malloc(SEND_CHUNK);
	int result = 0;

	if (!chunk)
		return trouble_set(-ENOMEM, "%s", strerror(ENOMEM));
	while (!result && left > 0) {
		ssize_t got = supplier->bytes(supplier, chunk, SEND_CHUNK);

		if (got <= 0) {
			result = (int)got;
			break;
		}
		left -= got;
		result = left == 0 ? send_last(remote, chunk, (size_t)got)
				   : wire_send(&remote->lgpq.wire, chunk, (size_t)got);
	}
	free(chunk);
	return result;
}

/* The mark travels alone: the server has the bytes before it, and nothing follows soon. */
static int send_mark(struct remote *remote)
{
	int result = wire_flush(&remote->lgpq.wire);

	if (!result)
		result = wire_pause(PAUSE_MS);
	if (!result)
		result = wire_send(&remote->lgpq.wire, "##", 2);
	if (!result)
		result = wire_flush(&remote->lgpq.wire);
	return result ? result : wire_pause(PAUSE_MS);
}

static int put(struct remote *remote, const char *name, int64_t size, int64_t offset,
	struct supplier *supplier, struct receipt *receipt)
{
	int result = send_request(remote, 'P', name);

	(void)offset; /* as for get */
	receipt->size = -1;
	if (!result)
		result = read_ok_or_words(remote);
	if (!result)
		result = supplier->begin(supplier, 0);
	if (!result)
		result = send_all(remote, supplier, size);
	if (!result)
		result = send_mark(remote);
	if (result == -EALREADY) {
		result = read_ok_or_words(remote);
		remote->lgpq.unfinished = true;
		return result ? result : trouble_set(-EPROTO, _("the server answers too early"));
	}
	if (!result)
		remote->lgpq.unfinished = false;
	return result;
}

static void say_goodbye(struct remote *remote)
{
	if (lgpq_link_fit(remote))
		wire_send(&remote->lgpq.wire, "Q", 1);
	lgpq_link_close(remote);
}

const struct protocol lgpq_bare = {
	.title = N_("an old server: no checksums, no resuming"),
	.resumes = false,
	.prepare = lgpq_link_prepare,
	.again = lgpq_link_again,
	.list = list,
	.get = get,
	.put = put,
	.close = say_goodbye,
};
