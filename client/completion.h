/* What TAB makes of a half-typed line. */
#ifndef FTPOOL_CLIENT_COMPLETION_H
#define FTPOOL_CLIENT_COMPLETION_H

#include "client/prompt.h"

#include <stddef.h>

struct remote;

struct completion {
	char **candidate; /* displayable, in order */
	size_t count;
	size_t word_start; /* bytes of the line before the word that is completed */
	char *word;        /* what the word becomes, as it must be typed; NULL: nothing fits */
};

/* The candidates for the last word of the line, which ends where the cursor is. A single one
 * becomes the word, with a blank behind it (none behind a directory); of several, the word becomes
 * what all of them begin with. 0 or -ENOMEM; completion_free after either. */
int completion_find(struct completion *completion, struct remote *remote, const char *line,
	enum prompt_subject subject);
void completion_free(struct completion *completion);

#endif
