#include "client/lgpq_framed.h"

#include "client/lgpq_reply.h"
#include "client/language.h"
#include "client/trouble.h"
#include "common/lgpq_field.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SEND_CHUNK = 256 * 1024,
	GOODBYE_MS = 500,
	/* A server reads a file through for its checksum: so many bytes a millisecond at least. */
	CHECKSUM_BYTES_PER_MS = 10 * 1000,
};

/* The letter, the name as a field and numbers[0 … count - 1], TABs between them. */
static int request(
	struct remote *remote, char letter, const char *name, const int64_t *numbers, int count)
{
	size_t room = 2 + LGPQ_FIELD_ENCODED(strlen(name)) + 2 * 21 + 1, used;
	char *line = malloc(room);
	int result;

	if (!line)
		return trouble_set(-ENOMEM, "%s", strerror(ENOMEM));
	line[0] = letter;
	line[1] = '\t';
	used = 2 + lgpq_field_encode(line + 2, name, strlen(name));
	for (int i = 0; i < count; i++)
		used += (size_t)snprintf(line + used, room - used, "\t%" PRId64, numbers[i]);
	line[used++] = '\n';
	remote->lgpq.unfinished = true;
	result = wire_send(&remote->lgpq.wire, line, used);
	free(line);
	return result == -EALREADY ? 0 : result;
}

/* Silence is to be expected while the server works through so many bytes. */
static int patience_for(const struct remote *remote, int64_t bytes)
{
	int64_t wait_ms = remote->lgpq.patience_ms + bytes / CHECKSUM_BYTES_PER_MS;

	return wait_ms < INT32_MAX ? (int)wait_ms : INT32_MAX;
}

static int reply_in_time(struct remote *remote, struct lgpq_reply *reply, int64_t bytes)
{
	int result = lgpq_reply_read(remote, reply, patience_for(remote, bytes));

	if (result == -EAGAIN)
		result = trouble_set(-ENOTCONN, _("the server does not answer"));
	return result;
}

/* "<size> TAB <modified> TAB <name>". */
static int add_entry(struct catalogue *catalogue, char *line, size_t length)
{
	char *first = memchr(line, '\t', length);
	char *second = first ? memchr(first + 1, '\t', length - (size_t)(first + 1 - line)) : NULL;
	int64_t size, modified;
	char *name;
	int name_length;

	if (!second || lgpq_field_number(&size, line, (size_t)(first - line)) ||
		lgpq_field_number(&modified, first + 1, (size_t)(second - first - 1)))
		return trouble_set(-EPROTO, _("the server's list makes no sense: %.100s"), line);
	name = second + 1;
	name_length = lgpq_field_decode(name, name, length - (size_t)(name - line));
	if (name_length < 0)
		return trouble_set(-EPROTO, _("the server's list makes no sense: %.100s"), line);
	return catalogue_add(catalogue, name, (size_t)name_length, size, modified);
}

int lgpq_framed_read_list(struct remote *remote, struct catalogue *catalogue)
{
	struct lgpq_reply reply;
	int result = lgpq_reply_read(remote, &reply, WIRE_PATIENCE);

	catalogue->detailed = true;
	for (int64_t i = 0; !result && i < reply.number; i++) {
		char *line;
		ssize_t length = wire_line(&remote->lgpq.wire, &line, WIRE_PATIENCE);

		result = length < 0 ? (int)length : add_entry(catalogue, line, (size_t)length);
	}
	if (!result)
		remote->lgpq.unfinished = false;
	return result;
}

static int list(struct remote *remote, struct catalogue *catalogue)
{
	int result = wire_send(&remote->lgpq.wire, "L\n", 2);

	remote->lgpq.unfinished = true;
	if (result && result != -EALREADY)
		return result;
	return lgpq_framed_read_list(remote, catalogue);
}

static int receive(struct remote *remote, struct receiver *receiver, int64_t left)
{
	struct wire *wire = &remote->lgpq.wire;
	int result = 0;

	while (!result && left > 0) {
		ssize_t got = wire_await(wire, 1, WIRE_PATIENCE);

		if (got < 0)
			return (int)got;
		if (got > left)
			got = (ssize_t)left;
		result = receiver->bytes(receiver, wire->input + wire->start, (size_t)got);
		wire_take(wire, (size_t)got);
		left -= got;
	}
	return result;
}

static int get(struct remote *remote, const char *name, int64_t offset, struct receiver *receiver)
{
	struct lgpq_reply reply;
	int64_t modified;
	int result = request(remote, 'G', name, &offset, offset > 0);

	if (!result)
		result = lgpq_reply_read(remote, &reply, WIRE_PATIENCE);
	if (result)
		return result;
	if (lgpq_field_number(&modified, reply.rest, strlen(reply.rest)))
		modified = -1;
	result = receiver->begin(receiver, reply.number, modified);
	if (!result)
		result = receive(remote, receiver, reply.number);
	if (!result)
		remote->lgpq.unfinished = false;
	return result;
}

/* Behind the sum: the name that a drop box gave it. */
static int take_name(struct receipt *receipt, const struct lgpq_reply *reply)
{
	const char *field = reply->rest + DIGEST_TEXT - 1;
	size_t length = *field ? strlen(++field) : 0;

	receipt->name[0] = '\0';
	if (length == 0)
		return 0;
	return length < sizeof(receipt->name) ? lgpq_field_decode(receipt->name, field, length)
					      : -EPROTO;
}

static int take_receipt(struct remote *remote, struct receipt *receipt, int64_t bytes)
{
	struct lgpq_reply reply;
	int result = reply_in_time(remote, &reply, bytes);

	if (result)
		return result;
	if (strcspn(reply.rest, "\t") != DIGEST_TEXT - 1 || take_name(receipt, &reply) < 0)
		return trouble_set(
			-EPROTO, _("the server's checksum makes no sense: %.100s"), reply.rest);
	receipt->size = reply.number;
	memcpy(receipt->sum, reply.rest, DIGEST_TEXT - 1);
	receipt->sum[DIGEST_TEXT - 1] = '\0';
	remote->lgpq.unfinished = false;
	return 0;
}

static int confirm(struct remote *remote, const char *name, int64_t size, struct receipt *receipt)
{
	int result = request(remote, 'S', name, NULL, 0);

	return result ? result : take_receipt(remote, receipt, size);
}

/* The server spoke before it had everything: it can only be a refusal, and as the frame is broken
 * the connection is of no more use. */
static int refused_in_the_middle(struct remote *remote)
{
	struct lgpq_reply reply;
	int result = lgpq_reply_read(remote, &reply, WIRE_PATIENCE);

	remote->lgpq.unfinished = true;
	return result ? result : trouble_set(-EPROTO, _("the server answers too early"));
}

static int send_all(struct remote *remote, struct supplier *supplier)
{
	char *chunk = malloc(SEND_CHUNK);
	int result = 0;

	if (!chunk)
		return trouble_set(-ENOMEM, "%s", strerror(ENOMEM));
	while (!result) {
		ssize_t got = supplier->bytes(supplier, chunk, SEND_CHUNK);

		if (got <= 0) {
			result = (int)got;
			break;
		}
		result = wire_send(&remote->lgpq.wire, chunk, (size_t)got);
	}
	free(chunk);
	return result == -EALREADY ? refused_in_the_middle(remote) : result;
}

static int put(struct remote *remote, const char *name, int64_t size, int64_t offset,
	struct supplier *supplier, struct receipt *receipt)
{
	struct lgpq_reply reply;
	int64_t numbers[] = {size, offset};
	int result = request(remote, 'P', name, numbers, offset > 0 ? 2 : 1);

	if (!result)
		result = lgpq_reply_read(remote, &reply, WIRE_PATIENCE);
	if (result)
		return result;
	if (reply.number > offset)
		return trouble_set(-EPROTO, _("the server wants to go on behind the file's end"));
	result = supplier->begin(supplier, reply.number);
	if (!result)
		result = send_all(remote, supplier);
	return result ? result : take_receipt(remote, receipt, size);
}

static void say_goodbye(struct remote *remote)
{
	char *line;

	if (lgpq_link_fit(remote) && wire_send(&remote->lgpq.wire, "Q\n", 2) == 0)
		wire_line(&remote->lgpq.wire, &line, GOODBYE_MS);
	lgpq_link_close(remote);
}

const struct protocol lgpq_framed = {
	.title = N_("framed mode: transfers are verified and can be resumed"),
	.resumes = true,
	.prepare = lgpq_link_prepare,
	.again = lgpq_link_again,
	.list = list,
	.get = get,
	.confirm = confirm,
	.put = put,
	.close = say_goodbye,
};
