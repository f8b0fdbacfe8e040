/* Bytes that others chose, as JSON text: as the log writes them (log_quote), without the quotes. */
#ifndef FTPOOL_SUPERVISOR_JSON_TEXT_H
#define FTPOOL_SUPERVISOR_JSON_TEXT_H

#include <jansson.h>

/* The caller's; NULL when memory is short. */
json_t *json_text(const char *text);
json_t *json_text_piece(const char *bytes, size_t length);

#endif
