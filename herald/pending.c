#include "herald/pending.h"

#include <stdlib.h>
#include <string.h>

struct pending *pending_new(const struct event *intent, int64_t at, bool old_boot)
{
	size_t lengths[EVENT_TEXTS], all = 0;
	struct pending *pending;
	char *text;

	for (int i = 0; i < EVENT_TEXTS; i++)
		all += lengths[i] = strlen(intent->texts[i]) + 1;
	pending = malloc(sizeof(*pending) + all);
	if (!pending)
		return NULL;
	*pending = (struct pending){.at = at, .old_boot = old_boot, .event = *intent};
	text = (char *)(pending + 1);
	for (int i = 0; i < EVENT_TEXTS; i++) {
		memcpy(text, intent->texts[i], lengths[i]);
		pending->event.texts[i] = text;
		text += lengths[i];
	}
	return pending;
}

/* CLOCK_MONOTONIC begins anew with the machine, so for what is older the other clock has to do. */
static int64_t announced(const struct pending *pending)
{
	return pending->old_boot ? pending->event.head.unix_ms : pending->event.head.tick_ns;
}

bool pending_is_later(const struct pending *a, const struct pending *b)
{
	if (a->old_boot != b->old_boot)
		return b->old_boot;
	return announced(a) > announced(b);
}

int pending_by_commit(const void *a, const void *b)
{
	const struct pending *one = *(struct pending *const *)a,
			     *other = *(struct pending *const *)b;

	if (one->old_boot != other->old_boot)
		return one->old_boot ? -1 : 1;
	if (one->order != other->order)
		return one->order > other->order ? 1 : -1;
	return (one->position > other->position) - (one->position < other->position);
}
