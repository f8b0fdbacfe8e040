#include "client/trouble.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static char words[8192]; /* holds the longest path and a sentence about it */

int trouble_set(int error, const char *format, ...)
{
	char text[sizeof(words)]; /* the new words may quote the old ones */
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	memcpy(words, text, strlen(text) + 1);
	return error;
}

const char *trouble_text(void)
{
	return words;
}
