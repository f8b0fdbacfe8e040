#include "common/config_source.h"

#include "common/config_token.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum value_form { VALUE_SINGLE, VALUE_LIST, VALUE_BROKEN_LIST, VALUE_MISSING, VALUE_TOLD };

struct reader {
	struct token_reader tokens;
	struct config_source *source;
	struct complaints *complaints;
	bool out_of_memory;
};

static struct origin here(const struct reader *reader, unsigned int line)
{
	return (struct origin){reader->source->file, line};
}

/* The token's text without its quotes, the caller's to free. */
static char *text_of(struct reader *reader, const struct token *token)
{
	char *text = token_text(token);

	if (!text)
		reader->out_of_memory = true;
	return text;
}

/* The items of a list, the { of which has been read, and its }. One that is broken in a text ends
 * there. */
static enum value_form read_list(struct reader *reader)
{
	struct token token = token_next(&reader->tokens);

	while (token_is_value(&token)) {
		if (token.broken)
			return VALUE_TOLD;
		token = token_next(&reader->tokens);
		if (!token_is_mark(&token, ','))
			break;
		token = token_next(&reader->tokens);
	}
	if (token_is_mark(&token, '}'))
		return VALUE_LIST;
	if (token_is_mark(&token, '{'))
		token_skip_block(&reader->tokens);
	token_skip_block(&reader->tokens);
	return VALUE_BROKEN_LIST;
}

/* Does the next statement begin here? */
static bool statement_follows(const struct reader *reader)
{
	struct token_reader ahead = reader->tokens;
	struct token word, next;

	ahead.looking_ahead = true;
	word = token_next(&ahead);
	next = token_next(&ahead);
	return token_is_mark(&next, '=') || token_is_mark(&next, '{') ||
	       (token_is_value(&next) && next.line == word.line);
}

/* Takes the value behind the =, which may stand on a later line. */
static enum value_form read_value(struct reader *reader)
{
	struct token token = token_ahead(&reader->tokens);

	if (token_is_value(&token) && token.line > reader->tokens.line && statement_follows(reader))
		return VALUE_MISSING;
	if (token_is_value(&token)) {
		token_next(&reader->tokens);
		return token.broken ? VALUE_TOLD : VALUE_SINGLE;
	}
	if (!token_is_mark(&token, '{'))
		return VALUE_MISSING;
	token_next(&reader->tokens);
	return read_list(reader);
}

static bool add_mention(struct reader *reader, const struct config_option *option,
	enum config_section section, const char *title, unsigned int line, bool faulty)
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
	grown[source->mention_count++] =
		(struct config_mention){option, section, copy, line, faulty};
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

/* Says what is wrong with an option's value; false if nothing is. */
static bool value_is_faulty(struct reader *reader, const struct config_option *option,
	enum value_form form, unsigned int line)
{
	if (form == VALUE_BROKEN_LIST)
		complain(reader->complaints, here(reader, line),
			"%s is no list; { first, second } is right", option->name);
	else if (form == VALUE_LIST && !config_option_is_list(option))
		complain(reader->complaints, here(reader, line), "%s takes one value, not a list",
			option->name);
	else if (form == VALUE_MISSING)
		complain(reader->complaints, here(reader, line),
			"%s has no value behind its =", option->name);
	return form != VALUE_SINGLE && !(form == VALUE_LIST && config_option_is_list(option));
}

/* `name = value`, of which the = has been read. What is faulty is blanked. */
static void read_option(struct reader *reader, const struct token *word, const char *name,
	enum config_section section, const char *title)
{
	const struct config_option *option = config_option_find(section, name);
	enum value_form form = read_value(reader);
	unsigned int before =
		option ? config_source_line(reader->source, section, title, option) : 0;
	bool faulty = true;

	if (!option) {
		complain_unknown(reader, section, "option", name, word->line);
	} else if (before > 0) {
		complain(reader->complaints, here(reader, word->line),
			"%s stands on line %u already; keep one of them", name, before);
	} else {
		faulty = value_is_faulty(reader, option, form, word->line);
		if (!add_mention(reader, option, section, title, word->line, faulty))
			faulty = true;
	}
	if (faulty)
		token_blank(word->start, reader->tokens.at);
}

static void read_statements(
	struct reader *reader, enum config_section section, const char *title, unsigned int opened);

/* Says what is wrong with the opening of a section; false if nothing is. */
static bool section_is_faulty(struct reader *reader, enum config_section outer,
	enum config_section inner, const char *name, const char *title, unsigned int line)
{
	unsigned int before;

	if (outer != SECTION_TOP) {
		if (!reader->tokens.is_broken)
			complain(reader->complaints, here(reader, line),
				"there is no section \"%s\" inside of %s; close that one with } "
				"first",
				name, config_section_names[outer]);
		return true;
	}
	if (inner == SECTION_COUNT) {
		complain_unknown(reader, SECTION_TOP, "section", name, line);
		return true;
	}
	if (config_section_is_titled(inner) != (title != NULL)) {
		complain(reader->complaints, here(reader, line),
			title                       ? "section %s takes no name; write \"%s {\""
			: inner == SECTION_LISTENER ? "a %s needs a name; write \"%s NAME {\""
						    : "a %s needs a path; write \"%s \"/PATH\" {\"",
			name, name);
		return true;
	}
	before = config_source_line(reader->source, inner, title, NULL);
	if (before > 0)
		complain(reader->complaints, here(reader, line),
			"%s%s%s stands on line %u already; %s", name, title ? " " : "",
			title ? title : "", before,
			inner == SECTION_LISTENER ? "give this one another name"
						  : "make one section of the two");
	return before > 0;
}

/* `name {` or `name title {`, of which the brace has been read. */
static void read_section(struct reader *reader, const struct token *word, const char *name,
	enum config_section outer, const char *title)
{
	enum config_section inner = config_section_find(name);

	if (section_is_faulty(reader, outer, inner, name, title, word->line)) {
		token_skip_block(&reader->tokens);
		token_blank(word->start, reader->tokens.at);
		return;
	}
	if (add_mention(reader, NULL, inner, title, word->line, false))
		read_statements(reader, inner, title, word->line);
}

/* Does `TITLE {` come next, on whatever line? */
static bool title_follows(const struct reader *reader)
{
	struct token_reader ahead = reader->tokens;
	struct token title, brace;

	ahead.looking_ahead = true;
	title = token_next(&ahead);
	brace = token_next(&ahead);
	return token_is_value(&title) && token_is_mark(&brace, '{');
}

/* `name "title {`, which has been told: a section that is not known. */
static void skip_broken_title(
	struct reader *reader, const struct token *word, const struct token *title)
{
	if (memchr(title->start, '{', title->length))
		token_skip_block(&reader->tokens);
	token_blank(word->start, reader->tokens.at);
}

/* One statement that begins with this word: an option or a section. */
static void read_statement(struct reader *reader, const struct token *word,
	enum config_section section, const char *title)
{
	char *name = text_of(reader, word);
	char *inner_title = NULL;
	struct token next = token_ahead(&reader->tokens);

	if (title_follows(reader) || (token_is_value(&next) && next.line == word->line)) {
		next = token_next(&reader->tokens);
		if (next.broken) {
			skip_broken_title(reader, word, &next);
			free(name);
			return;
		}
		inner_title = text_of(reader, &next);
		next = token_ahead(&reader->tokens);
	}
	if (!reader->out_of_memory && token_is_mark(&next, '{')) {
		token_next(&reader->tokens);
		read_section(reader, word, name, section, inner_title);
	} else if (!reader->out_of_memory && token_is_mark(&next, '=') && !inner_title) {
		token_next(&reader->tokens);
		read_option(reader, word, name, section, title);
	} else if (!reader->out_of_memory) {
		complain(reader->complaints, here(reader, word->line),
			"\"%s\" makes no sense here; the form is `name = value` or `section { … "
			"}`, "
			"and a value with blanks needs quotes",
			name);
		token_blank(word->start, reader->tokens.at);
	}
	free(name);
	free(inner_title);
}

/* Up to the end of the section, or of the text. */
static void read_statements(
	struct reader *reader, enum config_section section, const char *title, unsigned int opened)
{
	for (;;) {
		struct token word = token_next(&reader->tokens);

		if (word.kind == TOKEN_END && section != SECTION_TOP && !reader->tokens.is_broken)
			complain(reader->complaints, here(reader, opened),
				"section %s is never closed; its } is missing",
				config_section_names[section]);
		if (word.kind == TOKEN_END || (token_is_mark(&word, '}') && section != SECTION_TOP))
			return;
		if (word.kind == TOKEN_WORD) {
			read_statement(reader, &word, section, title);
			continue;
		}
		if (!word.broken)
			complain(reader->complaints, here(reader, word.line),
				"%.*s makes no sense here; a name should begin a line",
				(int)word.length, word.start);
		token_blank(word.start, reader->tokens.at);
	}
}

int config_source_read(
	struct config_source *source, const char *file, char *text, struct complaints *complaints)
{
	struct reader reader = {
		.tokens = {.file = file, .complaints = complaints, .at = text, .line = 1},
		.source = source,
		.complaints = complaints};

	*source = (struct config_source){.file = file, .text = text};
	read_statements(&reader, SECTION_TOP, NULL, 1);
	source->is_cut = reader.tokens.is_cut;
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
