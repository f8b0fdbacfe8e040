/* Any bytes as a line of the framed mode: what is accepted has what its letter needs, and a name
 * that stands inside the line and holds no NUL. */
#include "tests/fuzz/fuzz.h"

#include "worker/lgpq/request.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void assert_sound(const struct request *request, const char *line, size_t length)
{
	assert(request->letter != '\0' && strchr("LGPSQ", request->letter));
	assert((request->name != NULL) == (strchr("GPS", request->letter) != NULL));
	assert(request->size >= 0 && request->offset >= 0);
	assert(request->letter != 'P' || request->offset <= request->size);
	if (request->name) {
		assert(request->name > line && request->name_length > 0);
		assert(request->name + request->name_length <= line + length);
		assert(strlen(request->name) == request->name_length);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = malloc(size + 1);
	struct request request;

	assert(line);
	for (size_t i = 0; i < size; i++)
		line[i] = (char)data[i];
	if (request_parse(&request, line, size) == REQUEST_FINE)
		assert_sound(&request, line, size);
	free(line);
	return 0;
}
