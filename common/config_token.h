/* The text of a config file as words, quoted texts and marks, with the line each one stands on.
 * Comments are blanked out on the way. Private to the config rooms. */
#ifndef FTPOOL_COMMON_CONFIG_TOKEN_H
#define FTPOOL_COMMON_CONFIG_TOKEN_H

#include "common/complaints.h"

#include <stdbool.h>
#include <stddef.h>

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_STRING, TOKEN_MARK };

struct token {
	enum token_kind kind;
	char *start;
	size_t length;
	unsigned int line;
	bool broken; /* a quoted text that is never closed: it is told, and ends with its line */
};

/* Where the reader stands. */
struct token_reader {
	const char *file;
	struct complaints *complaints;
	char *at;
	unsigned int line;
	bool looking_ahead; /* says nothing and changes nothing */
	bool is_broken;     /* some text or comment is never closed: a } may be lost in it */
	bool is_cut;        /* it was a comment: all behind it is lost */
};

/* Takes the next token. */
struct token token_next(struct token_reader *reader);

/* The next token without taking it. */
struct token token_ahead(const struct token_reader *reader);

/* Takes everything up to the brace that closes the one just read. */
void token_skip_block(struct token_reader *reader);

/* Is it the mark =, {, }, (, ), comma or +? */
bool token_is_mark(const struct token *token, char mark);

/* Is it a word or a quoted text? */
bool token_is_value(const struct token *token);

/* The token's text without its quotes, the caller's to free; NULL when memory is short. */
char *token_text(const struct token *token);

/* Blanks a stretch of the text; lines stay where they are. */
void token_blank(char *start, const char *end);

#endif
