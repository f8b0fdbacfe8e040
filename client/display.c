#include "client/display.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

/* Marks that turn the reading direction: they make "exe.txt" of "txt.exe". */
static bool turns_direction(wchar_t c)
{
	return (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0x200E ||
	       c == 0x200F || c == 0x061C;
}

static size_t escape_byte(char *out, unsigned char c)
{
	switch (c) {
	case '\n': return (size_t)sprintf(out, "\\n");
	case '\t': return (size_t)sprintf(out, "\\t");
	case '\r': return (size_t)sprintf(out, "\\r");
	default: return (size_t)sprintf(out, "\\%03o", c);
	}
}

static char *escape(const char *text, bool backslash_too)
{
	size_t left = strlen(text), used = 0;
	char *out = malloc(4 * left + 1);
	mbstate_t state = {0};

	if (!out)
		return NULL;
	while (left > 0) {
		wchar_t c;
		size_t length = mbrtowc(&c, text, left, &state);
		bool whole = length != (size_t)-1 && length != (size_t)-2;

		if (!whole) {
			memset(&state, 0, sizeof(state));
			length = 1;
		}
		if (whole && c == L'\\' && backslash_too) {
			out[used++] = '\\';
			out[used++] = '\\';
		} else if (whole && iswprint((wint_t)c) && !turns_direction(c)) {
			memcpy(out + used, text, length);
			used += length;
		} else {
			for (size_t i = 0; i < length; i++)
				used += escape_byte(out + used, (unsigned char)text[i]);
		}
		text += length;
		left -= length;
	}
	out[used] = '\0';
	return out;
}

char *display_text(const char *text)
{
	return escape(text, false);
}

char *display_name(const char *name)
{
	return escape(name, true);
}

/* Columns of the first `columns` at most; *end is where they stop. */
static size_t measure(const char *text, size_t columns, const char **end)
{
	size_t left = strlen(text), width = 0;
	mbstate_t state = {0};

	while (left > 0) {
		wchar_t c;
		size_t length = mbrtowc(&c, text, left, &state);
		int cell;

		if (length == (size_t)-1 || length == (size_t)-2) {
			memset(&state, 0, sizeof(state));
			length = 1;
			cell = 1;
		} else {
			cell = wcwidth(c);
		}
		if (cell > 0 && width + (size_t)cell > columns)
			break;
		width += cell > 0 ? (size_t)cell : 0;
		text += length;
		left -= length;
	}
	*end = text;
	return width;
}

size_t display_width(const char *text)
{
	const char *end;

	return measure(text, SIZE_MAX, &end);
}

void display_cut(char *text, size_t columns)
{
	const char *end;
	size_t room;

	measure(text, columns, &end);
	if (*end == '\0')
		return;
	room = strlen(text);
	measure(text, columns - 1, &end);
	/* "…" is three bytes of UTF-8; what is cut away may be fewer. */
	if (MB_CUR_MAX > 1 && (size_t)(end - text) + strlen("…") <= room)
		strcpy(text + (end - text), "…");
	else
		strcpy(text + (end - text), "~");
}
