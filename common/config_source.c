#include "common/config_source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum token_kind { TOKEN_END, TOKEN_WORD, TOKEN_STRING, TOKEN_MARK };

struct token {
	enum token_kind kind;
	char *start;
	size_t length;
	unsigned int line;
};

enum value_form { VALUE_SINGLE, VALUE_LIST, VALUE_MISSING };

/* Where the reader stands. */
struct reader {
	struct config_source *source;
	struct complaints *complaints;
	char *at;
	unsigned int line;
	bool looking_ahead; /* says nothing and changes nothing */
	bool text_is_open;  /* a quote was never closed: nothing after it counts */
	bool out_of_memory;
};

static struct origin here(const struct reader *reader, unsigned int line)
{
	return (struct origin){reader->source->file, line};
}

/* Blanks a stretch; lines stay where they are. */
static void blank(char *start, const char *end)
{
	for (; start < end; start++) {
		if (*start != '\n')
			*start = ' ';
	}
}

static void skip_space(struct reader *reader)
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

static void skip_space_and_comments(struct reader *reader)
{
	char *end;

	skip_space(reader);
	while ((end = comment_end(reader->at)) != NULL) {
		blank(reader->at, end);
		skip_space(reader);
	}
}

static void read_string(struct reader *reader, struct token *token)
{
	unsigned int opened = reader->line;
	char quote = *reader->at++;

	token->kind = TOKEN_STRING;
	while (*reader->at && *reader->at != quote) {
		if (*reader->at == '\\' && reader->at[1])
			reader->at++;
		if (*reader->at++ == '\n')
			reader->line++;
	}
	if (*reader->at) {
		reader->at++;
		return;
	}
	if (reader->looking_ahead)
		return;
	complain(reader->complaints, here(reader, opened), "this text has no closing %c", quote);
	blank(token->start, reader->at);
	reader->text_is_open = true;
}

static struct token next_token(struct reader *reader)
{
	struct token token;

	skip_space_and_comments(reader);
	token = (struct token){TOKEN_MARK, reader->at, 0, reader->line};
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

static bool is_mark(const struct token *token, char mark)
{
	return token->kind == TOKEN_MARK && *token->start == mark;
}

/* The token's text without its quotes, the caller's to free. */
static char *token_text(struct reader *reader, const struct token *token)
{
	bool quoted = token->kind == TOKEN_STRING && token->length >= 2;
	char *text = strndup(token->start + quoted, token->length - 2 * (size_t)quoted);

	if (!text)
		reader->out_of_memory = true;
	return text;
}

/* Up to the brace that closes the one just read. */
static void skip_block(struct reader *reader)
{
	struct token token;
	int depth = 1;

	while (depth > 0 && (token = next_token(reader)).kind != TOKEN_END)
		depth += is_mark(&token, '{') - is_mark(&token, '}');
}

/* The next token without taking it. */
static struct token look_ahead(const struct reader *reader)
{
	struct reader ahead = *reader;

	ahead.looking_ahead = true;
	return next_token(&ahead);
}

/* Takes the value behind the =. */
static enum value_form read_value(struct reader *reader)
{
	struct token token = look_ahead(reader);

	if (token.kind == TOKEN_WORD || token.kind == TOKEN_STRING) {
		next_token(reader);
		return VALUE_SINGLE;
	}
	if (!is_mark(&token, '{'))
		return VALUE_MISSING;
	next_token(reader);
	skip_block(reader);
	return VALUE_LIST;
}

static bool add_mention(struct reader *reader, const struct config_option *option,
	enum config_section section, const char *title, unsigned int line)
{
	struct config_source *source = reader->source;
	struct config_mention *grown =
		reallocarray(source->mentions, source->mention_count + 1, sizeof(*grown));
	char *copy = title ? strdup(title) : NULL;

	if (grown)
		source->mentions = grown;
	if (!grown || (title && !copy)) {
		free(copy);
		reader->out_of_memory = true;
		return false;
	}
	grown[source->mention_count++] = (struct config_mention){option, section, copy, line};
	return true;
}

/* An option or a section (`what`) that is not there. */
static void complain_unknown(struct reader *reader, enum config_section section, const char *what,
	const char *name, unsigned int line)
{
	const char *nearest = config_option_nearest(section, name);
	const char *place = config_section_names[section];

	if (nearest && strcmp(nearest, name) == 0) {
		bool is_section = config_section_find(name) < SECTION_COUNT;

		complain(reader->complaints, here(reader, line),
			is_section ? "%s is a section; write \"%s { … }\""
				   : "%s is an option; write \"%s = VALUE\"",
			name, name);
		return;
	}
	complain(reader->complaints, here(reader, line),
		"there is no %s \"%s\"%s%s%s%s%s; ftpool.conf(5) lists all there are", what, name,
		*place ? " in " : "", place, nearest ? "; did you mean \"" : "",
		nearest ? nearest : "", nearest ? "\"?" : "");
}

/* Says what is wrong with an option; false if nothing is. */
static bool option_is_faulty(struct reader *reader, const struct config_option *option,
	enum value_form form, const char *title, unsigned int line)
{
	unsigned int before = config_source_line(reader->source, option->section, title, option);

	if (before > 0)
		complain(reader->complaints, here(reader, line),
			"%s stands on line %u already; keep one of them", option->name, before);
	else if (form == VALUE_LIST)
		complain(reader->complaints, here(reader, line), "%s takes one value, not a list",
			option->name);
	else if (form == VALUE_MISSING)
		complain(reader->complaints, here(reader, line),
			"%s has no value behind its =", option->name);
	return before > 0 || form != VALUE_SINGLE;
}

/* `name = value`, of which the = has been read. What is faulty is blanked. */
static void read_option(struct reader *reader, const struct token *word, const char *name,
	enum config_section section, const char *title)
{
	const struct config_option *option = config_option_find(section, name);
	enum value_form form = read_value(reader);

	if (!option)
		complain_unknown(reader, section, "option", name, word->line);
	else if (!option_is_faulty(reader, option, form, title, word->line) &&
		 add_mention(reader, option, section, title, word->line))
		return;
	blank(word->start, reader->at);
}

static void read_statements(
	struct reader *reader, enum config_section section, const char *title, unsigned int opened);

/* Says what is wrong with the opening of a section; false if nothing is. */
static bool section_is_faulty(struct reader *reader, enum config_section outer,
	enum config_section inner, const char *name, const char *title, unsigned int line)
{
	unsigned int before;

	if (outer != SECTION_TOP) {
		complain(reader->complaints, here(reader, line),
			"there is no section \"%s\" inside of %s; close that one with } first",
			name, config_section_names[outer]);
		return true;
	}
	if (inner == SECTION_COUNT) {
		complain_unknown(reader, SECTION_TOP, "section", name, line);
		return true;
	}
	if ((inner == SECTION_LISTENER) != (title != NULL)) {
		complain(reader->complaints, here(reader, line),
			title ? "section %s takes no name; write \"%s {\""
			      : "a %s needs a name; write \"%s NAME {\"",
			name, name);
		return true;
	}
	before = config_source_line(reader->source, inner, title, NULL);
	if (before > 0)
		complain(reader->complaints, here(reader, line),
			"%s%s%s stands on line %u already; %s", name, title ? " " : "",
			title ? title : "", before,
			title ? "give this one another name" : "make one section of the two");
	return before > 0;
}

/* `name {` or `name title {`, of which the brace has been read. */
static void read_section(struct reader *reader, const struct token *word, const char *name,
	enum config_section outer, const char *title)
{
	enum config_section inner = config_section_find(name);

	if (section_is_faulty(reader, outer, inner, name, title, word->line)) {
		skip_block(reader);
		blank(word->start, reader->at);
		return;
	}
	if (add_mention(reader, NULL, inner, title, word->line))
		read_statements(reader, inner, title, word->line);
}

/* Does `TITLE {` come next, on whatever line? */
static bool title_follows(const struct reader *reader)
{
	struct reader ahead = *reader;
	struct token title, brace;

	ahead.looking_ahead = true;
	title = next_token(&ahead);
	brace = next_token(&ahead);
	return (title.kind == TOKEN_WORD || title.kind == TOKEN_STRING) && is_mark(&brace, '{');
}

/* One statement that begins with this word: an option or a section. */
static void read_statement(struct reader *reader, const struct token *word,
	enum config_section section, const char *title)
{
	char *name = token_text(reader, word);
	char *inner_title = NULL;
	struct token next = look_ahead(reader);

	if (title_follows(reader) || ((next.kind == TOKEN_WORD || next.kind == TOKEN_STRING) &&
					     next.line == word->line)) {
		next_token(reader);
		inner_title = token_text(reader, &next);
		next = look_ahead(reader);
	}
	if (!reader->out_of_memory && is_mark(&next, '{')) {
		next_token(reader);
		read_section(reader, word, name, section, inner_title);
	} else if (!reader->out_of_memory && is_mark(&next, '=') && !inner_title) {
		next_token(reader);
		read_option(reader, word, name, section, title);
	} else if (!reader->out_of_memory) {
		complain(reader->complaints, here(reader, word->line),
			"\"%s\" makes no sense here; the form is `name = value` or `section { … "
			"}`, "
			"and a value with blanks needs quotes",
			name);
		blank(word->start, reader->at);
	}
	free(name);
	free(inner_title);
}

/* Up to the end of the section, or of the text. */
static void read_statements(
	struct reader *reader, enum config_section section, const char *title, unsigned int opened)
{
	for (;;) {
		struct token word = next_token(reader);

		if (word.kind == TOKEN_END && section != SECTION_TOP && !reader->text_is_open)
			complain(reader->complaints, here(reader, opened),
				"section %s is never closed; its } is missing",
				config_section_names[section]);
		if (word.kind == TOKEN_END || (is_mark(&word, '}') && section != SECTION_TOP))
			return;
		if (word.kind == TOKEN_WORD) {
			read_statement(reader, &word, section, title);
			continue;
		}
		complain(reader->complaints, here(reader, word.line),
			"%.*s makes no sense here; a name should begin a line", (int)word.length,
			word.start);
		blank(word.start, reader->at);
	}
}

int config_source_read(
	struct config_source *source, const char *file, char *text, struct complaints *complaints)
{
	struct reader reader = {.source = source, .complaints = complaints, .at = text, .line = 1};

	*source = (struct config_source){.file = file, .text = text};
	read_statements(&reader, SECTION_TOP, NULL, 1);
	return reader.out_of_memory ? -ENOMEM : 0;
}

void config_source_free(struct config_source *source)
{
	for (size_t i = 0; i < source->mention_count; i++)
		free(source->mentions[i].title);
	free(source->mentions);
	free(source->text);
	*source = (struct config_source){0};
}

static bool same_title(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

unsigned int config_source_line(const struct config_source *source, enum config_section section,
	const char *title, const struct config_option *option)
{
	for (size_t i = 0; i < source->mention_count; i++) {
		const struct config_mention *mention = &source->mentions[i];

		if (mention->section == section && mention->option == option &&
			same_title(mention->title, title))
			return mention->line;
	}
	return 0;
}
