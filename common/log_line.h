/* One line of the log, in each of the forms there are. Private to the log: it knows no descriptor.
 *
 * An event comes as its text, "subject: what", and its pairs as one text, `key=value key="a
 * value"`. Whatever is in them, one line comes out, and no other can be forged by it. */
#ifndef FTPOOL_COMMON_LOG_LINE_H
#define FTPOOL_COMMON_LOG_LINE_H

#include "common/log.h"

enum {
	LOG_PAIRS = 2048, /* the longest text of pairs; what is longer is cut */
	LOG_LINE = 4 * LOG_PAIRS
};

/* Makes the line, its end (\n) included. Its length. */
size_t log_line_make(char line[LOG_LINE], const struct log_form *form, enum log_level level,
	const char *event, const char *pairs);

/* The next pair of a text of pairs, as pointers into it; quotes are taken off the value. Returns
 * what is behind it, or NULL when there is none left. */
struct log_pair {
	const char *key, *value;
	size_t key_length, value_length;
	int quoted;
};
const char *log_line_next_pair(const char *pairs, struct log_pair *pair);

#endif
