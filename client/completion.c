#include "client/completion.h"

#include "client/display.h"
#include "client/order.h"
#include "client/remote.h"
#include "client/words.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Names are asked for again when they are older than this. */
enum { NAMES_AGE_MS = 5000 };

static int add(struct completion *completion, const char *text, const char *begins)
{
	char **grown;

	if (strncmp(text, begins, strlen(begins)) != 0)
		return 0;
	grown = reallocarray(completion->candidate, completion->count + 1, sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	completion->candidate = grown;
	grown[completion->count] = strdup(text);
	return grown[completion->count] ? (int)(completion->count++, 0) : -ENOMEM;
}

static int add_commands(struct completion *completion, const char *begins)
{
	int result = 0;

	for (int verb = 0; !result && verb < ORDER_UNKNOWN; verb++)
		result = add(completion, order_word(verb), begins);
	return result;
}

static int add_remote_names(
	struct completion *completion, struct remote *remote, const char *begins)
{
	int result = 0;

	/* A server that does not answer offers no names; the next command will tell why. */
	if (remote_list(remote, NAMES_AGE_MS))
		return 0;
	for (size_t i = 0; !result && i < remote->catalogue.count; i++)
		result = add(completion, remote->catalogue.entry[i].name, begins);
	return result;
}

/* The name with its directory as typed before it, and a '/' behind a directory. */
static int add_path(
	struct completion *completion, const char *typed, size_t directory_length, const char *name)
{
	struct stat status;
	char *path;
	int result;

	if (asprintf(&path, "%.*s%s/", (int)directory_length, typed, name) < 0)
		return -ENOMEM;
	if (stat(path, &status) < 0 || !S_ISDIR(status.st_mode))
		path[strlen(path) - 1] = '\0';
	result = add(completion, path, typed);
	free(path);
	return result;
}

static int add_local_names(struct completion *completion, const char *typed)
{
	const char *slash = strrchr(typed, '/');
	size_t directory_length = slash ? (size_t)(slash + 1 - typed) : 0;
	char *directory = strndup(typed, directory_length);
	DIR *open_directory = directory ? opendir(*directory ? directory : ".") : NULL;
	struct dirent *entry;
	int result = 0;

	while (open_directory && !result && (entry = readdir(open_directory))) {
		/* Hidden names only for who types the dot. */
		if (entry->d_name[0] == '.' && typed[directory_length] != '.')
			continue;
		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		result = add_path(completion, typed, directory_length, entry->d_name);
	}
	if (open_directory)
		closedir(open_directory);
	free(directory);
	return result;
}

/* By the words before the last: a command, an option's value, or the verb's kind of name. */
static int add_fitting(struct completion *completion, struct remote *remote, struct words *words)
{
	const char *last = words->word[words->count - 1];
	enum order_verb verb = order_verb_of(words->word[0], true);
	bool output = words->count > 2 && !strcmp(words->word[words->count - 2], "-o");

	if (words->count == 1)
		return add_commands(completion, last);
	if (verb == ORDER_GET)
		return output ? add_local_names(completion, last)
			      : add_remote_names(completion, remote, last);
	if (verb == ORDER_PUT)
		return output ? add_remote_names(completion, remote, last)
			      : add_local_names(completion, last);
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What all candidates begin with, cut where a character begins. */
static size_t common_length(const struct completion *completion)
{
	const char *first = completion->candidate[0];
	const char *last = completion->candidate[completion->count - 1];
	size_t length = 0;

	while (first[length] && first[length] == last[length])
		length++;
	while (length > 0 && ((unsigned char)first[length] & 0xC0) == 0x80)
		length--;
	return length;
}

static int make_word(struct completion *completion)
{
	bool single = completion->count == 1;
	char *common = strndup(completion->candidate[0], common_length(completion));
	char *quoted = common ? words_quote(common) : NULL;
	size_t length = common ? strlen(common) : 0;
	bool directory = length > 0 && common[length - 1] == '/';
	int result = 0;

	if (!quoted || asprintf(&completion->word, "%s%s", length ? quoted : "",
			       single && !directory ? " " : "") < 0) {
		completion->word = NULL;
		result = -ENOMEM;
	}
	free(common);
	free(quoted);
	return result;
}

static int make_displayable(struct completion *completion)
{
	for (size_t i = 0; i < completion->count; i++) {
		char *shown = display_name(completion->candidate[i]);

		if (!shown)
			return -ENOMEM;
		free(completion->candidate[i]);
		completion->candidate[i] = shown;
	}
	return 0;
}

int completion_find(struct completion *completion, struct remote *remote, const char *line,
	enum prompt_subject subject)
{
	struct words words;
	int result = words_split(&words, line, 1);

	*completion = (struct completion){0};
	if (!result) {
		const char *last = words.word[words.count - 1];

		completion->word_start = words.last_start;
		if (subject == PROMPT_COMMAND)
			result = add_fitting(completion, remote, &words);
		else if (subject == PROMPT_REMOTE_NAME)
			result = add_remote_names(completion, remote, last);
		else
			result = add_local_names(completion, last);
	}
	if (completion->count > 0) {
		qsort(completion->candidate, completion->count, sizeof(char *), compare);
		if (!result)
			result = make_word(completion);
		if (!result)
			result = make_displayable(completion);
	}
	words_free(&words);
	return result;
}

void completion_free(struct completion *completion)
{
	for (size_t i = 0; i < completion->count; i++)
		free(completion->candidate[i]);
	free(completion->candidate);
	free(completion->word);
	*completion = (struct completion){0};
}
