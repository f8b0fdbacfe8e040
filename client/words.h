/* A typed line as words, by the shell's simple rules: blanks part words, 'single' and "double"
 * quotes and a backslash keep characters. Beyond the shell, outside single quotes \n \t \r and
 * \ooo (three octal digits) mean that byte, so that every name can be typed. Pure. */
#ifndef FTPOOL_CLIENT_WORDS_H
#define FTPOOL_CLIENT_WORDS_H

#include <stddef.h>

struct words {
	char **word; /* ends in NULL */
	size_t count;
	size_t last_start; /* where in the line the last word begins */
	char open_quote;   /* the quote that the line left open, or '\0' */
};

/* 0 or -ENOMEM. With `unfinished`, the line is one being typed: a last word is always there, empty
 * after a blank. words_free after either. */
int words_split(struct words *words, const char *line, int unfinished);
void words_free(struct words *words);

/* The name as it must be typed to be one word. The caller frees; NULL when memory is short. */
char *words_quote(const char *name);

#endif
