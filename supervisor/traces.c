#include "supervisor/traces.h"

#include "common/target.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void traces_init(struct traces *traces)
{
	for (int i = 0; i < TRACES; i++)
		traces->traces[i] = (struct trace){.socket = -1};
}

static void forget(struct trace *trace)
{
	if (trace->socket >= 0)
		close(trace->socket);
	free(trace->told);
	*trace = (struct trace){.socket = -1};
}

void traces_close(struct traces *traces)
{
	for (int i = 0; i < TRACES; i++)
		forget(&traces->traces[i]);
}

static struct trace *free_place(struct traces *traces)
{
	for (int i = 0; i < TRACES; i++) {
		if (traces->traces[i].socket < 0)
			return &traces->traces[i];
	}
	return NULL;
}

/* Those who have closed their end. */
static void forget_the_gone(struct traces *traces)
{
	for (int i = 0; i < TRACES; i++) {
		struct pollfd watch = {.fd = traces->traces[i].socket};

		if (watch.fd >= 0 && poll(&watch, 1, 0) > 0 && watch.revents & POLLHUP)
			forget(&traces->traces[i]);
	}
}

int traces_add(struct traces *traces, const struct pool *pool, const char *target, int socket)
{
	struct trace *trace;
	struct board_activity activity;
	struct target read;
	uint64_t bytes;

	forget_the_gone(traces);
	trace = free_place(traces);
	if (!trace)
		return -EBUSY;
	if (strlen(target) >= TRACE_TARGET || strchr(target, ' ') ||
		target_parse(&read, target, NULL) < 0)
		return -EINVAL;
	if (read.kind == TARGET_SESSION && !target_find(&read, pool->board, &activity, &bytes))
		return -ENOENT;
	trace->slots = pool->slot_count;
	trace->told = calloc(trace->slots, sizeof(trace->told[0]));
	trace->socket = trace->told ? fcntl(socket, F_DUPFD_CLOEXEC, 3) : -1;
	if (trace->socket < 0) {
		forget(trace);
		return -ENOMEM;
	}
	trace->read = read;
	snprintf(trace->target, sizeof(trace->target), "%s", target);
	traces_tend(traces, pool);
	return 0;
}

/* A session dies with its worker. */
static bool is_over(const struct trace *trace, const struct pool *pool)
{
	uint32_t slot = trace->read.slot;

	return trace->read.kind == TARGET_SESSION && slot < trace->slots &&
	       trace->told[slot] != 0 && pool->slots[slot].pid != trace->told[slot];
}

static void end(struct trace *trace)
{
	static const char text[] = "{\"ended\":true}\n";

	(void)!send(trace->socket, text, sizeof(text) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
	shutdown(trace->socket, SHUT_WR);
	forget(trace);
}

static void tell(struct trace *trace, const struct pool *pool)
{
	for (uint32_t i = 0; i < trace->slots && i < pool->slot_count; i++) {
		const struct pool_slot *slot = &pool->slots[i];

		if ((slot->state == POOL_LIVING || slot->state == POOL_LEAVING) &&
			slot->pid != trace->told[i] &&
			pool_tell(pool, i, CHANNEL_TRACE, trace->target, trace->socket) == 0)
			trace->told[i] = slot->pid;
	}
}

void traces_tend(struct traces *traces, const struct pool *pool)
{
	forget_the_gone(traces);
	for (int i = 0; i < TRACES; i++) {
		if (traces->traces[i].socket >= 0 && is_over(&traces->traces[i], pool))
			end(&traces->traces[i]);
		else if (traces->traces[i].socket >= 0)
			tell(&traces->traces[i], pool);
	}
}
