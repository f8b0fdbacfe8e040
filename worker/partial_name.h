/* The names of partials, files that are still coming in: `.NAME.partial` beside NAME. Pure. */
#ifndef FTPOOL_WORKER_PARTIAL_NAME_H
#define FTPOOL_WORKER_PARTIAL_NAME_H

#include <stdbool.h>

enum { PARTIAL_NAME = 256 };

/* The name of the partial of `name` with the tag behind it, which is "" for what a later upload can
 * resume. A name too long for the suffix is cut and made unique by its hash. */
void partial_name_make(char partial[PARTIAL_NAME], const char *name, const char *tag);

/* The name of one of the private partials of those who write `name` at the same time: the partial
 * of what no client may name a file, and so no other file's. */
void partial_name_make_private(char partial[PARTIAL_NAME], const char *name, unsigned int number);

/* Can this be the name of a partial? Then no client may use it. */
bool partial_name_is(const char *name);

#endif
