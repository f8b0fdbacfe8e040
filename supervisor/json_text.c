#include "supervisor/json_text.h"

#include "common/log.h"

#include <string.h>

json_t *json_text_piece(const char *bytes, size_t length)
{
	char quoted[LOG_QUOTED];

	log_quote(quoted, bytes, length);
	return json_stringn(quoted + 1, strlen(quoted) - 2);
}

json_t *json_text(const char *text)
{
	return json_text_piece(text, strlen(text));
}
