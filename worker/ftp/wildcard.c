#include "worker/ftp/wildcard.h"

#include <stddef.h>
#include <string.h>

/* A pattern being met. From `unclosed` on, each [ means itself: looked for once, so that a pattern
 * of nothing but [ costs no more than another one. */
struct pattern {
	const char *unclosed;
};

bool wildcard_is(const char *text)
{
	return text[strcspn(text, "*?[")] != '\0';
}

/* The byte meant at `at`: itself, or the one behind a \. A \ at the very end means itself. */
static const char *past_backslash(const char *at)
{
	return at[0] == '\\' && at[1] ? at + 1 : at;
}

static bool negates(char c)
{
	return c == '!' || c == '^';
}

/* The first thing in a class may be a ]. */
static const char *class_begin(const char *bracket)
{
	return bracket + 1 + negates(bracket[1]);
}

/* The ] that closes the [, or NULL. */
static const char *class_end(const char *bracket)
{
	const char *first = class_begin(bracket);

	for (const char *at = first; *at; at = past_backslash(at) + 1) {
		if (*at == ']' && at > first)
			return at;
	}
	return NULL;
}

/* The first [ that no ] closes; all those behind it are not closed either. */
static const char *find_unclosed(const char *pattern)
{
	const char *at = pattern;

	while (*at) {
		if (*at == '[') {
			const char *end = class_end(at);

			if (!end)
				return at;
			at = end + 1;
		} else {
			at = past_backslash(at) + 1;
		}
	}
	return at;
}

/* A closed class and a byte; *next behind the class. */
static bool class_has(const char *bracket, unsigned char byte, const char **next)
{
	const char *first = class_begin(bracket);
	const char *at = first;
	bool found = false;

	while (*at != ']' || at == first) {
		const char *low = past_backslash(at), *high = low;

		if (low[1] == '-' && low[2] != ']')
			high = past_backslash(low + 2);
		found |= byte >= (unsigned char)*low && byte <= (unsigned char)*high;
		at = high + 1;
	}
	*next = at + 1;
	return found != negates(bracket[1]);
}

/* One byte of the name against what stands at `at`, which is no star; *next behind that. */
static bool meets(const struct pattern *pattern, const char *at, char byte, const char **next)
{
	if (*at == '[' && at < pattern->unclosed)
		return class_has(at, (unsigned char)byte, next);
	*next = past_backslash(at) + 1;
	return *at == '?' || *past_backslash(at) == byte;
}

/* Where it fails behind a star, that star takes one byte more. The stars before it need no second
 * try: what they could take this one can. So what stands between two stars is tried once for each
 * byte of the name at most. */
bool wildcard_match(const char *pattern, const char *name)
{
	struct pattern known = {.unclosed = find_unclosed(pattern)};
	const char *behind_star = NULL, *star_name = NULL;

	if (*name == '.' && *past_backslash(pattern) != '.')
		return false;
	for (;;) {
		const char *next;

		if (*pattern == '*') {
			behind_star = ++pattern;
			star_name = name;
		} else if (*name && *pattern && meets(&known, pattern, *name, &next)) {
			pattern = next;
			name++;
		} else if (!*name && !*pattern) {
			return true;
		} else if (behind_star && *star_name) {
			pattern = behind_star;
			name = ++star_name;
		} else {
			return false;
		}
	}
}
