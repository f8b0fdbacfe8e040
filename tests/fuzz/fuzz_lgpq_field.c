/* Any bytes as a field of a framed request: what decodes encodes and decodes to the same name, and
 * a number is one that the C library reads alike. */
#include "tests/fuzz/fuzz.h"

#include "common/lgpq_field.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static void check_name(const char *field, size_t length)
{
	char *name = malloc(length + 1);
	int decoded = lgpq_field_decode(name, field, length);

	if (decoded >= 0) {
		char *again = malloc(LGPQ_FIELD_ENCODED((size_t)decoded));
		size_t encoded = lgpq_field_encode(again, name, (size_t)decoded);

		assert((size_t)decoded <= length && strlen(name) == (size_t)decoded);
		assert(!strpbrk(again, "\t\n") && strlen(again) == encoded);
		assert(lgpq_field_decode(again, again, encoded) == decoded);
		assert(strcmp(again, name) == 0);
		free(again);
	}
	free(name);
}

static void check_number(const char *field, size_t length)
{
	int64_t number = -1;

	if (lgpq_field_number(&number, field, length) == 0) {
		char *text = strndup(field, length);

		assert(strspn(text, "0123456789") == length);
		assert(number >= 0 && number == strtoll(text, NULL, 10));
		free(text);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	check_name((const char *)data, size);
	check_number((const char *)data, size);
	return 0;
}
