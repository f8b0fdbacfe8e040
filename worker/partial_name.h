/* The names of partials, files that are still coming in: `.NAME.partial` beside NAME. Pure. */
#ifndef FTPOOL_WORKER_PARTIAL_NAME_H
#define FTPOOL_WORKER_PARTIAL_NAME_H

#include <stdbool.h>

enum { PARTIAL_NAME = 256 };

/* The name of the partial of `name`. `tag` is "" for the one that a later upload can resume, and
 * sets private ones apart. A name too long for the suffix is cut and made unique by its hash. */
void partial_name_make(char partial[PARTIAL_NAME], const char *name, const char *tag);

/* Can this be the name of a partial? Then no client may use it. */
bool partial_name_is(const char *name);

#endif
