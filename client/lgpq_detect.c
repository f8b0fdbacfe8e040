#include "client/lgpq_detect.h"

#include "client/lgpq_bare.h"
#include "client/lgpq_framed.h"
#include "client/remote.h"

#include <errno.h>
#include <string.h>

/* An old server with nothing to list might say OK and no more. */
enum { AFTER_OK_MS = 2000 };

static bool begins(struct wire *wire, const char *with)
{
	size_t length = strlen(with);

	return wire->end - wire->start >= length &&
	       memcmp(wire->input + wire->start, with, length) == 0;
}

/* "OK 12" or "ERR word": a framed reply. "OK", and after a pause names: a bare one. */
int lgpq_detect(struct remote *remote)
{
	struct wire *wire = &remote->lgpq.wire;
	ssize_t got = wire_send(wire, "L\n", 2);

	remote->lgpq.unfinished = true;
	if (got == 0 || got == -EALREADY)
		got = wire_await(wire, 2, WIRE_PATIENCE);
	if (got >= 0)
		got = wire_await(wire, 3, AFTER_OK_MS);
	if (got < 0 && got != -EAGAIN)
		return (int)got;
	if (begins(wire, "OK ") || begins(wire, "ERR")) {
		remote->protocol = &lgpq_framed;
		return lgpq_framed_read_list(remote, &remote->catalogue);
	}
	remote->protocol = &lgpq_bare;
	return lgpq_bare_read_list(remote, &remote->catalogue);
}
