#include "worker/farewell.h"

#include <string.h>

/* Goes before the end of the line. */
static size_t add_reason(char text[FAREWELL_TEXT], size_t length, const char *reason)
{
	size_t words = strcspn(text, "\r\n"), room = FAREWELL_TEXT - length;
	size_t added = strlen(reason);

	if (length == 0 || added == 0 || room < 3)
		return length;
	if (added > room - 3)
		added = room - 3;
	memmove(text + words + 2 + added, text + words, length - words + 1);
	memcpy(text + words, ": ", 2);
	memcpy(text + words + 2, reason, added);
	return length + 2 + added;
}

size_t farewell_write(const struct protocol *protocol, enum session_end why, const char *reason,
	char text[FAREWELL_TEXT])
{
	size_t length = protocol->farewell(why, text, FAREWELL_TEXT);

	return why == END_KICKED || why == END_BANNED ? add_reason(text, length, reason) : length;
}
