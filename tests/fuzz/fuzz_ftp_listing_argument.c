/* Any bytes as the argument of LIST: the path is the end of it, no option and no blank before it,
 * and told alone it is the same path. */
#include "tests/fuzz/fuzz.h"

#include "worker/ftp/listing_argument.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check_path_alone(const char *path)
{
	struct listing_argument alone;
	char *text;

	assert(asprintf(&text, "-- %s", path) > 0);
	listing_argument_read(&alone, text);
	assert(strcmp(alone.path, path) == 0);
	assert(!alone.all && !alone.recursive && !alone.itself && !alone.lines && !alone.reverse);
	assert(alone.sort == LISTING_UNSORTED);
	free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);
	struct listing_argument argument;
	size_t length;

	assert(text);
	length = strlen(text);
	listing_argument_read(&argument, text);
	assert(argument.path >= text && argument.path <= text + length);
	assert(argument.path[0] != ' ');
	assert(argument.path == text || argument.path[-1] == ' ' || *argument.path == '\0');
	assert(!argument.reverse || argument.sort != LISTING_UNSORTED);
	check_path_alone(argument.path);
	free(text);
	return 0;
}
