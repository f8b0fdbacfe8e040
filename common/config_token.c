#include "common/config_token.h"

#include <string.h>

void token_blank(char *start, const char *end)
{
	for (; start < end; start++) {
		if (*start != '\n')
			*start = ' ';
	}
}

static void skip_space(struct token_reader *reader)
{
	while (*reader->at && strchr(" \t\r\n", *reader->at)) {
		if (*reader->at++ == '\n')
			reader->line++;
	}
}

/* The end of the comment that begins here, or NULL if none does. */
static char *comment_end(char *at)
{
	if (at[0] == '#' || (at[0] == '/' && at[1] == '/'))
		return at + strcspn(at, "\n");
	if (at[0] == '/' && at[1] == '*') {
		char *end = strstr(at + 2, "*/");

		return end ? end + 2 : at + strlen(at);
	}
	return NULL;
}

static void complain_open(struct token_reader *reader, const char *what, const char *end)
{
	if (reader->looking_ahead)
		return;
	complain(reader->complaints, (struct origin){reader->file, reader->line},
		"this %s is never closed; its %s is missing", what, end);
	reader->is_broken = true;
}

/* A comment that nothing ends is left for the reader that does not look ahead to find. */
static void skip_open_comment(struct token_reader *reader)
{
	char *end = reader->at + strlen(reader->at);

	complain_open(reader, "comment", "*/");
	if (!reader->looking_ahead)
		token_blank(reader->at, end);
	reader->is_cut = true;
	reader->at = end;
}

static void skip_space_and_comments(struct token_reader *reader)
{
	char *end;

	skip_space(reader);
	while ((end = comment_end(reader->at)) != NULL) {
		if (strncmp(reader->at, "/*", 2) == 0 && !strstr(reader->at + 2, "*/")) {
			skip_open_comment(reader);
			return;
		}
		token_blank(reader->at, end);
		skip_space(reader);
	}
}

/* It may go on in the next line behind a backslash, as libConfuse has it. */
static void read_string(struct token_reader *reader, struct token *token)
{
	const char quote[] = {*reader->at++, '\0'};

	token->kind = TOKEN_STRING;
	while (*reader->at && *reader->at != quote[0] && *reader->at != '\n') {
		if (*reader->at == '\\' && reader->at[1])
			reader->at++;
		if (*reader->at++ == '\n')
			reader->line++;
	}
	token->broken = *reader->at != quote[0];
	if (token->broken)
		complain_open(reader, "text", quote);
	else
		reader->at++;
}

struct token token_next(struct token_reader *reader)
{
	struct token token;

	skip_space_and_comments(reader);
	token = (struct token){.kind = TOKEN_MARK, .start = reader->at, .line = reader->line};
	if (*reader->at == '\0') {
		token.kind = TOKEN_END;
	} else if (*reader->at == '"' || *reader->at == '\'') {
		read_string(reader, &token);
	} else if (strchr("={}(),+", *reader->at)) {
		reader->at++;
	} else {
		token.kind = TOKEN_WORD;
		reader->at += strcspn(reader->at, " \t\r\n={}(),+\"'#");
	}
	token.length = (size_t)(reader->at - token.start);
	return token;
}

struct token token_ahead(const struct token_reader *reader)
{
	struct token_reader ahead = *reader;

	ahead.looking_ahead = true;
	return token_next(&ahead);
}

void token_skip_block(struct token_reader *reader)
{
	struct token token;
	int depth = 1;

	while (depth > 0 && (token = token_next(reader)).kind != TOKEN_END)
		depth += token_is_mark(&token, '{') - token_is_mark(&token, '}');
}

bool token_is_mark(const struct token *token, char mark)
{
	return token->kind == TOKEN_MARK && *token->start == mark;
}

bool token_is_value(const struct token *token)
{
	return token->kind == TOKEN_WORD || token->kind == TOKEN_STRING;
}

char *token_text(const struct token *token)
{
	bool quoted = token->kind == TOKEN_STRING && token->length >= 2;

	return strndup(token->start + quoted, token->length - 2 * (size_t)quoted);
}
