#include "worker/ftp/mask.h"

#include "worker/ftp/commands.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

static const char stars[] = "****";
enum { STARS = sizeof(stars) - 1, VERB_LONGEST = 4, VERB_SHORTEST = 3 };

struct output {
	char *text;
	size_t used;
};

static void put(struct output *out, const char *bytes, size_t length)
{
	size_t room = MASKED - 1 - out->used;

	if (length > room)
		length = room;
	memcpy(out->text + out->used, bytes, length);
	out->used += length;
}

static size_t finish(struct output *out)
{
	out->text[out->used] = '\0';
	return out->used;
}

static bool is_verb(const char *word, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (!isalpha((unsigned char)word[i]))
			return false;
	}
	return length >= VERB_SHORTEST && length <= VERB_LONGEST;
}

static size_t word_length(const char *text, size_t length)
{
	size_t end = 0;

	while (end < length && text[end] != ' ' && text[end] != '\t')
		end++;
	return end;
}

static bool is(const char *word, size_t length, const char *other)
{
	return strlen(other) == length && strncasecmp(word, other, length) == 0;
}

/* In "//user:secret@": where the secret begins, with its length; NULL: there is none. A secret may
 * hold an @ itself. */
static const char *find_secret(const char *text, size_t length, size_t *secret_length)
{
	const char *user = NULL, *secret = NULL, *at = NULL;

	for (const char *p = text; p < text + length; p++) {
		if (*p == '/' || *p == ' ') {
			if (at)
				break;
			user = *p == '/' && p > text && p[-1] == '/' ? p + 1 : NULL;
			secret = NULL;
		} else if (*p == ':' && user && !secret) {
			secret = p + 1;
		} else if (*p == '@' && secret) {
			at = p;
		}
	}
	*secret_length = at ? (size_t)(at - secret) : 0;
	return at ? secret : NULL;
}

/* All but the passwords in addresses. */
static void put_masked(struct output *out, const char *text, size_t length)
{
	size_t secret_length;
	const char *secret;

	while ((secret = find_secret(text, length, &secret_length)) != NULL) {
		const char *behind = secret + secret_length;

		put(out, text, (size_t)(secret - text));
		put(out, stars, STARS);
		length -= (size_t)(behind - text);
		text = behind;
	}
	put(out, text, length);
}

/* What stands behind the first colon. */
static void put_before_colon(struct output *out, const char *text, size_t length)
{
	const char *colon = memchr(text, ':', length);

	if (!colon) {
		put(out, text, length);
		return;
	}
	put(out, text, (size_t)(colon - text) + 1);
	put(out, stars, STARS);
}

size_t mask_command(char text[MASKED], const char *line, size_t length)
{
	struct output out = {.text = text};
	size_t verb = word_length(line, length);

	if (!is_verb(line, verb)) {
		put(&out, stars, verb > 0 ? STARS : 0);
		return finish(&out);
	}
	put(&out, line, verb);
	if (is(line, verb, "PASS") || is(line, verb, "ACCT") || !command_find(line, verb))
		put(&out, " ****", verb < length ? 1 + STARS : 0);
	else if (is(line, verb, "USER"))
		put_before_colon(&out, line + verb, length - verb);
	else
		put_masked(&out, line + verb, length - verb);
	return finish(&out);
}

/* "331 …" repeats a USER, "500 …" the first word of what is no command. */
size_t mask_reply(char text[MASKED], const char *line, size_t length)
{
	enum { CODE = 4 };
	struct output out = {.text = text};
	const char *colon = memchr(line, ':', length);

	if (length > CODE && memcmp(line, "331 ", CODE) == 0) {
		put_before_colon(&out, line, length);
	} else if (length > CODE && memcmp(line, "500 ", CODE) == 0 && colon &&
		   !is_verb(line + CODE, (size_t)(colon - line) - CODE)) {
		put(&out, line, CODE);
		put(&out, stars, STARS);
		put(&out, colon, length - (size_t)(colon - line));
	} else {
		put_masked(&out, line, length);
	}
	return finish(&out);
}
