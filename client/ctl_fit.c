#include "client/ctl_fit.h"

#include <string.h>
#include <wchar.h>

/* One character: its bytes, and its columns. */
struct piece {
	size_t bytes, columns;
	bool fit; /* to be shown as it is */
};

static struct piece piece_at(const char *text)
{
	mbstate_t state = {0};
	wchar_t wide;
	size_t bytes = mbrtowc(&wide, text, strlen(text), &state);
	int columns = bytes > 0 && bytes < (size_t)-2 ? wcwidth(wide) : -1;

	if (columns < 0)
		return (struct piece){1, 1, false};
	return (struct piece){bytes, (size_t)columns, true};
}

static size_t columns_of(const char *text)
{
	size_t columns = 0;

	while (*text) {
		struct piece piece = piece_at(text);

		columns += piece.columns;
		text += piece.bytes;
	}
	return columns;
}

/* Behind as many characters as it takes to leave at most that many columns. */
static const char *last_columns(const char *text, size_t columns)
{
	size_t left = columns_of(text);

	while (left > columns) {
		struct piece piece = piece_at(text);

		left -= piece.columns;
		text += piece.bytes;
	}
	return text;
}

struct output {
	char *text;
	size_t size, used, columns;
};

static bool put(struct output *out, const char *bytes, size_t length, size_t columns)
{
	if (out->used + length >= out->size)
		return false;
	memcpy(out->text + out->used, bytes, length);
	out->used += length;
	out->columns += columns;
	return true;
}

/* As many characters as fit. */
static void put_text(struct output *out, const char *text, size_t columns)
{
	while (*text) {
		struct piece piece = piece_at(text);

		if (out->columns + piece.columns > columns ||
			!put(out, piece.fit ? text : "?", piece.fit ? piece.bytes : 1,
				piece.columns))
			return;
		text += piece.bytes;
	}
}

char *ctl_fit(char *out, size_t size, const char *text, size_t columns, enum ctl_fit_end end)
{
	struct output output = {.text = out, .size = size};
	bool cut = columns_of(text) > columns;

	if (cut && columns > 0 && end == FIT_END) {
		(void)put(&output, "~", 1, 1);
		text = last_columns(text, columns - 1);
	}
	put_text(&output, text, cut && end == FIT_BEGINNING && columns > 0 ? columns - 1 : columns);
	if (cut && columns > 0 && end == FIT_BEGINNING)
		(void)put(&output, "~", 1, 1);
	while (output.columns < columns && put(&output, " ", 1, 1))
		;
	out[output.used] = '\0';
	return out;
}
