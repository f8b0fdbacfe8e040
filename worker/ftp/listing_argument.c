#include "worker/ftp/listing_argument.h"

#include <string.h>

static void take_letter(struct listing_argument *argument, char letter)
{
	switch (letter) {
	case 'a':
	case 'A': argument->all = true; break;
	case 'R': argument->recursive = true; break;
	case 'd': argument->itself = true; break;
	case 'l': argument->lines = true; break;
	case 'r': argument->reverse = true; break;
	case 't': argument->sort = LISTING_BY_TIME; break;
	case 'S': argument->sort = LISTING_BY_SIZE; break;
	default: break;
	}
}

static const char *without_blanks(const char *text)
{
	return text + strspn(text, " ");
}

void listing_argument_read(struct listing_argument *argument, const char *text)
{
	*argument = (struct listing_argument){.path = without_blanks(text)};
	/* A lone - is a name. */
	while (argument->path[0] == '-' && argument->path[1] != '\0' && argument->path[1] != ' ') {
		const char *word = argument->path;
		size_t length = strcspn(word, " ");
		bool is_long = word[1] == '-';

		for (size_t i = 1; i < length && !is_long; i++)
			take_letter(argument, word[i]);
		argument->path = without_blanks(word + length);
		if (is_long && length == 2)
			break;
	}
	if (argument->reverse && argument->sort == LISTING_UNSORTED)
		argument->sort = LISTING_BY_NAME;
}
