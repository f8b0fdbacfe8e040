/* The fields of the server's answers, as they are printed. */
#ifndef FTPOOL_CLIENT_CTL_FIELD_H
#define FTPOOL_CLIENT_CTL_FIELD_H

#include <jansson.h>

/* Of a text; "?" when there is none of that name. */
static inline const char *ctl_words(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "?";
}

/* Of a number; 0 when there is none. */
static inline long long ctl_whole(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static inline double ctl_number(const json_t *object, const char *key)
{
	return json_number_value(json_object_get(object, key));
}

#endif
