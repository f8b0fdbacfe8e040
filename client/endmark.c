#include "client/endmark.h"

#include <string.h>

int endmark_take(struct endmark *mark, const char *bytes, size_t *length, bool after_pause)
{
	size_t tail = 0;
	int freed = mark->kept;

	while (tail < 2 && tail < *length && bytes[*length - 1 - tail] == '#')
		tail++;
	mark->alone = after_pause && *length == 2 && tail == 2;
	*length -= tail;
	/* A lone '#' after a kept one may be the mark cut in two. */
	if (*length == 0 && tail == 1 && mark->kept > 0)
		freed = mark->kept - 1;
	mark->kept = (int)tail + mark->kept - freed;
	return freed;
}

int endmark_wait_ms(const struct endmark *mark)
{
	if (mark->kept < 2)
		return 0;
	return mark->alone ? ENDMARK_ALONE_MS : ENDMARK_GLUED_MS;
}
