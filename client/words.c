#include "client/words.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool octal(char c)
{
	return c >= '0' && c <= '7';
}

/* What stands after a backslash; returns how many characters that took. */
static size_t unescape(const char *text, char *out)
{
	static const char letters[] = "ntr", meanings[] = "\n\t\r";
	const char *letter = *text ? strchr(letters, *text) : NULL;
	int code;

	if (letter) {
		*out = meanings[letter - letters];
		return 1;
	}
	if (octal(text[0]) && octal(text[1]) && octal(text[2])) {
		code = (text[0] - '0') * 64 + (text[1] - '0') * 8 + (text[2] - '0');
		if (code > 0 && code < 256) {
			*out = (char)code;
			return 3;
		}
	}
	*out = *text;
	return *text != '\0';
}

/* Reads one word from *line on into out, and leaves *line behind it; returns its length. */
static size_t read_word(const char **line, char *out, char *open_quote)
{
	const char *at = *line;
	size_t used = 0;
	char quote = '\0';

	for (; *at && (quote || !isspace((unsigned char)*at)); at++) {
		if (*at == quote) {
			quote = '\0';
		} else if (!quote && (*at == '\'' || *at == '"')) {
			quote = *at;
		} else if (*at == '\\' && quote != '\'') {
			size_t taken = unescape(at + 1, out + used);

			used += taken > 0;
			at += taken;
		} else {
			out[used++] = *at;
		}
	}
	out[used] = '\0';
	*line = at;
	*open_quote = quote;
	return used;
}

static int add_word(struct words *words, const char *text, size_t length)
{
	char **grown = reallocarray(words->word, words->count + 2, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	words->word = grown;
	grown[words->count] = strndup(text, length);
	if (!grown[words->count])
		return -ENOMEM;
	grown[++words->count] = NULL;
	return 0;
}

int words_split(struct words *words, const char *line, int unfinished)
{
	const char *at = line;
	char *text = malloc(strlen(line) + 1);
	int result = text ? 0 : -ENOMEM;

	*words = (struct words){0};
	while (!result) {
		bool blank = at == line || isspace((unsigned char)*at);

		while (isspace((unsigned char)*at))
			at++;
		if (!*at && !(unfinished && blank))
			break;
		words->last_start = (size_t)(at - line);
		result = add_word(words, text, read_word(&at, text, &words->open_quote));
		if (!*at)
			break;
	}
	free(text);
	return result;
}

void words_free(struct words *words)
{
	for (size_t i = 0; i < words->count; i++)
		free(words->word[i]);
	free(words->word);
	*words = (struct words){0};
}

char *words_quote(const char *name)
{
	char *out = malloc(4 * strlen(name) + 3);
	size_t used = 0;

	if (!out)
		return NULL;
	if (!*name)
		return strcpy(out, "''");
	for (; *name; name++) {
		unsigned char c = (unsigned char)*name;

		if (c == '\n' || c == '\t' || c == '\r') {
			out[used++] = '\\';
			out[used++] = c == '\n' ? 'n' : c == '\t' ? 't' : 'r';
		} else if (c < ' ' || c == 0x7f) {
			used += (size_t)sprintf(out + used, "\\%03o", c);
		} else {
			if (strchr(" \\'\"", c))
				out[used++] = '\\';
			out[used++] = (char)c;
		}
	}
	out[used] = '\0';
	return out;
}
