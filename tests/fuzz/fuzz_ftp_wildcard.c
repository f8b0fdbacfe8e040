/* Any pattern and name (a NUL between them): the answer is that of a plain matcher, which turns the
 * pattern into sets of bytes and fills a table of pattern times name. */
#include "tests/fuzz/fuzz.h"

#include "worker/ftp/wildcard.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST = 300 };

struct token {
	bool star, dot; /* dot: it is one, by itself */
	bool set[256];
};

/* One byte, maybe behind a backslash; how many bytes that was. */
static size_t read_byte(const char *at, unsigned char *byte)
{
	bool escaped = at[0] == '\\' && at[1] != '\0';

	*byte = (unsigned char)at[escaped];
	return escaped ? 2 : 1;
}

/* A class; how long it was, or 0 when it is not closed. */
static size_t read_class(const char *at, struct token *token)
{
	bool not = at[1] == '!' || at[1] == '^';
	size_t i = not ? 2 : 1;

	memset(token, 0, sizeof(*token));
	for (bool first = true; at[i] != ']' || first; first = false) {
		unsigned char low, high;

		if (at[i] == '\0')
			return 0;
		i += read_byte(at + i, &low);
		high = low;
		if (at[i] == '-' && at[i + 1] != ']' && at[i + 1] != '\0') {
			i++;
			i += read_byte(at + i, &high);
		}
		for (unsigned int c = low; c <= high; c++)
			token->set[c] = true;
	}
	for (unsigned int c = 0; not &&c < 256; c++)
		token->set[c] = !token->set[c];
	return i + 1;
}

static size_t read_token(const char *at, struct token *token)
{
	unsigned char byte;
	size_t length = at[0] == '[' ? read_class(at, token) : 0;

	if (length > 0)
		return length;
	memset(token, 0, sizeof(*token));
	if (at[0] == '*') {
		token->star = true;
		return 1;
	}
	if (at[0] == '?') {
		memset(token->set, true, sizeof(token->set));
		return 1;
	}
	length = read_byte(at, &byte);
	token->set[byte] = true;
	token->dot = byte == '.';
	return length;
}

/* may[i]: what has been read of the pattern can be the first i bytes of the name. */
static bool plain_match(const char *pattern, const char *name)
{
	bool may[LONGEST + 1] = {true};
	size_t length = strlen(name);
	bool first = true;
	struct token token;

	while (*pattern) {
		pattern += read_token(pattern, &token);
		if (first && name[0] == '.' && !token.dot)
			return false;
		first = false;
		if (token.star) {
			for (size_t i = 1; i <= length; i++)
				may[i] |= may[i - 1];
			continue;
		}
		for (size_t i = length; i > 0; i--)
			may[i] = may[i - 1] && token.set[(unsigned char)name[i - 1]];
		may[0] = false;
	}
	return may[length];
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *pattern, *name;

	if (size > LONGEST)
		return 0;
	pattern = strndup((const char *)data, size);
	size -= strlen(pattern);
	name = size > 1 ? strndup((const char *)data + strlen(pattern) + 1, size - 1) : strdup("");
	assert(wildcard_match(pattern, name) == plain_match(pattern, name));
	if (!wildcard_is(pattern) && !strchr(pattern, '\\'))
		assert(wildcard_match(pattern, name) == !strcmp(pattern, name));
	free(pattern);
	free(name);
	return 0;
}
