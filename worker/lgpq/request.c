#include "worker/lgpq/request.h"

#include "common/lgpq_field.h"

#include <string.h>

enum { FIELDS_MOST = 4 };

struct field {
	char *start;
	size_t length;
};

/* How many fields each request has: at least, at most. */
static const struct form {
	char letter;
	size_t least, most;
} forms[] = {{'L', 1, 1}, {'G', 2, 3}, {'P', 3, 4}, {'S', 2, 2}, {'Q', 1, 1}};

/* The number of fields, FIELDS_MOST + 1 when there are more. */
static size_t split(struct field fields[FIELDS_MOST], char *line, size_t length)
{
	char *end = line + length;
	size_t count = 0;

	for (;;) {
		char *tab = memchr(line, '\t', (size_t)(end - line));

		if (count == FIELDS_MOST)
			return FIELDS_MOST + 1;
		fields[count++] = (struct field){line, (size_t)((tab ? tab : end) - line)};
		if (!tab)
			return count;
		line = tab + 1;
	}
}

static const struct form *form_of(const struct field *letter)
{
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		if (letter->length == 1 && letter->start[0] == forms[i].letter)
			return &forms[i];
	}
	return NULL;
}

static enum request_fault read_name(struct request *request, const struct field *field)
{
	int length = lgpq_field_decode(field->start, field->start, field->length);

	if (length < 0)
		return REQUEST_BAD_NAME;
	request->name = field->start;
	request->name_length = (size_t)length;
	return REQUEST_FINE;
}

enum request_fault request_parse(struct request *request, char *line, size_t length)
{
	struct field fields[FIELDS_MOST] = {0};
	size_t count = split(fields, line, length);
	const struct form *form = form_of(&fields[0]);
	size_t offset_field = form && form->letter == 'P' ? 3 : 2;

	*request = (struct request){0};
	if (!form || count < form->least || count > form->most)
		return REQUEST_BAD;
	request->letter = form->letter;
	if (form->letter == 'P' &&
		lgpq_field_number(&request->size, fields[2].start, fields[2].length) < 0)
		return REQUEST_BAD;
	if (count > offset_field && lgpq_field_number(&request->offset, fields[offset_field].start,
					    fields[offset_field].length) < 0)
		return REQUEST_BAD_OFFSET;
	if (form->letter == 'P' && request->offset > request->size)
		return REQUEST_BAD_OFFSET;
	return form->least > 1 ? read_name(request, &fields[1]) : REQUEST_FINE;
}
