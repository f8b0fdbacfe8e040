/* The text of a config file, read once before libConfuse reads it: which option stands on which
 * line (libConfuse 3.3 counts a `#` comment as more lines than it is), and the faults that it would
 * stop at or pass over: bad syntax, unknown names, repeats, an open section. All of them are
 * told in one run; what is faulty is blanked out, so that the rest can still be checked.
 * Private to the config rooms. */
#ifndef FTPOOL_COMMON_CONFIG_SOURCE_H
#define FTPOOL_COMMON_CONFIG_SOURCE_H

#include "common/config_table.h"

/* One `name = value` in the text, or (option NULL) the opening of a section. */
struct config_mention {
	const struct config_option *option;
	enum config_section section;
	char *title; /* of a section that has one; NULL elsewhere */
	unsigned int line;
	bool faulty; /* its value was refused, and is blanked */
};

struct config_source {
	const char *file;
	char *text; /* comments and faults blanked, line for line as in the file */
	struct config_mention *mentions;
	size_t mention_count;
	bool is_cut; /* the end of it is lost in a comment: what is missing may stand there */
};

/* Takes over text (from malloc), whatever the outcome. Faults of spelling go to complaints; 0, or
 * -ENOMEM. */
int config_source_read(
	struct config_source *source, const char *file, char *text, struct complaints *complaints);

void config_source_free(struct config_source *source);

/* The line where the option stands in that section, or (option NULL) where the section begins;
 * 0 when it does not stand there. */
unsigned int config_source_line(const struct config_source *source, enum config_section section,
	const char *title, const struct config_option *option);

#endif
